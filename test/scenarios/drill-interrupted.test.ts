import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRows } from '../../src/host/linux/process-table.ts';
import { random } from '../../src/policy/restarting/backoff.ts';
import { until } from '../support/poll.ts';
import { Product, type Victim } from '../support/product.ts';
import { processesOf, ROOT } from '../support/sandbox.ts';
import { incarnations } from '../support/small-project.ts';

/** More of them: `DRILL_MOMENTS=20 DRILL_SEED=7 npm test test/scenarios/drill-interrupted.test.ts`. */
const MOMENTS = Number(process.env.DRILL_MOMENTS ?? 3);
const SEED = Number(process.env.DRILL_SEED ?? 281);
const FAULTS = ['503', 'freeze', 'crash-loop', 'port-taken', 'memory'];
/** The command itself is there after half a second; a fault lasts for a few. */
const LATEST_MS = 5_000;

suite('a drill that is interrupted at any moment: all is as before after the next command', () => {
  const product = new Product();
  const { sandbox } = product;
  const note = join(sandbox.pm2Home, 'lifeguard/lifeguard/drill.json');
  let api: Victim;

  before(async () => {
    api = await product.victim('api', { restart: { backoff: { initial: '250ms' }, kill_timeout: '2s' } });
    await product.start();
  });
  after(() => product.dispose());

  for (const { fault, end, afterMs } of moments()) {
    test(`${fault}, ${end} after ${afterMs} ms`, { timeout: 240_000 }, async () => {
      const others = await incarnations(sandbox, 'lifeguard');
      const drill = spawn(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'drill', fault, '--yes'], {
        ...{ cwd: sandbox.dir, env: sandbox.env, stdio: 'ignore' },
      });
      const ended = once(drill, 'exit');
      await Promise.race([sleep(afterMs), ended]);
      drill.kill(end);
      await ended;
      const { stderr } = await sandbox.lifeguard('status');
      assert.equal(existsSync(note), false, stderr);
      const { policy, processes } = await until(
        'it to be as before',
        async () => {
          const status = await product.status('api');
          return status.policy.state === 'healthy' && status.policy.incident === null && status;
        },
        { deadlineMs: 90_000 },
      );
      assert.equal(policy.restarts, 0, 'the whole budget');
      assert.deepEqual(await incarnations(sandbox, 'lifeguard'), others);
      const pids = processesOf(sandbox.pm2Home).map(({ pid }) => pid);
      assert.deepEqual(
        [...readRows(pids).values()].filter(({ state }) => state === 'T'),
        [],
      );
      assert.deepEqual(
        processes.map(({ pid }) => pid),
        [await product.pidOf(api)],
      );
    });
  }
});

/** Moments by a seed, both kinds of end in turn. */
function moments(): { fault: string; end: 'SIGINT' | 'SIGKILL'; afterMs: number }[] {
  let seed = SEED;
  const draw = () => {
    const drawn = random(seed);
    seed = drawn.seed;
    return drawn.value;
  };
  return Array.from({ length: MOMENTS }, (_, i) => ({
    fault: FAULTS[Math.floor(draw() * FAULTS.length)] ?? '503',
    end: i % 2 === 0 ? 'SIGINT' : 'SIGKILL',
    afterMs: Math.round(draw() * LATEST_MS),
  }));
}
