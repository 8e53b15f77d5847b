import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures, Skipped } from '../../src/drill/report/figures.ts';
import { readRows } from '../../src/host/linux/process-table.ts';
import { random } from '../../src/policy/restarting/backoff.ts';
import { until } from '../support/poll.ts';
import { Product, strike, type Victim } from '../support/product.ts';
import { Receiver } from '../support/receiver.ts';
import { processesOf, ROOT } from '../support/sandbox.ts';
import { incarnations } from '../support/small-project.ts';

/** More of them: `DRILL_MOMENTS=20 DRILL_SEED=7 npm test test/scenarios/drill.test.ts`. */
const MOMENTS = Number(process.env.DRILL_MOMENTS ?? 2);
const SEED = Number(process.env.DRILL_SEED ?? 281);
const FAULTS = ['503', 'freeze', 'crash-loop', 'port-taken', 'memory'];
/** The command itself is there after half a second; a fault lasts for a few. */
const LATEST_MS = 5_000;

suite('lifeguard drill: a fault on purpose, and all as before afterwards', () => {
  const product = new Product();
  const { sandbox } = product;
  const note = join(sandbox.pm2Home, 'lifeguard/lifeguard/drill.json');
  let api: Victim;
  /** One that lifeguard waits for: a drill that is interrupted is undone before anything is done about it. */
  let slow: Victim;

  const hook = new Receiver();

  before(async () => {
    await hook.start();
    product.alerts.push({ type: 'webhook', url: hook.url });
    api = await product.victim('api', { restart: { backoff: { initial: '250ms' }, kill_timeout: '2s' } });
    slow = await product.victim('slow', {
      health: { failure_threshold: 200 },
      restart: { max_restarts: 3, backoff: { initial: '100ms' } },
    });
    await product.victim('pair', { run: { instances: 2 }, restart: { kill_timeout: '2s' } });
    await product.start();
  });
  after(async () => {
    await product.dispose();
    await hook.stop();
  });

  const drill = (...args: string[]) =>
    sandbox.run(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'drill', ...args], { deadlineMs: 240_000 });
  const stateOf = (pid: number | null) => (pid === null ? undefined : readRows([pid]).get(pid)?.state);

  test('--all, one after the other: each is seen, cured and told, nothing is left of them, and what cannot be done is said', {
    timeout: 300_000,
  }, async () => {
    const { code, stdout, stderr } = await drill('--all', '--yes', '--json', '--backend', 'api');
    assert.equal(code, 0, stderr + stdout);
    const { figures, skipped, report } = JSON.parse(stdout) as { figures: Figures[]; skipped: Skipped[]; report: string };
    // One that PM2 starts meets the taken port and ends, it may be before lifeguard has seen who holds it.
    const counted = ({ fault, restarts }: Figures) => (fault === 'port-taken' ? Math.min(restarts, 1) : restarts);
    assert.deepEqual(
      figures.map((one) => [one.fault, counted(one), one.asBefore]),
      [
        ['crash', 1, true],
        ['hang', 1, true],
        ['freeze', 1, true],
        ['503', 1, true],
        ['crash-loop', 4, true],
        ['port-taken', 1, true],
        ['memory', 1, true],
      ],
    );
    assert.deepEqual(
      skipped.map(({ fault, why }) => [fault, /depends on nothing|log files open/.test(why)]),
      [
        ['dependency-down', true],
        ['disk-full', true],
      ],
    );
    for (const { detectMs, actMs, healthyMs, liftedMs, asked, failed, fault } of figures) {
      assert.ok(detectMs !== null && actMs !== null && healthyMs !== null && detectMs <= actMs, fault);
      assert.ok(asked > 10 && failed > 0 && failed < asked, `${fault}: ${failed} of ${asked}`);
      assert.equal(liftedMs !== null, fault === 'crash-loop' || fault === 'port-taken', fault);
    }
    const alertOf = (name: string) => figures.find(({ fault }) => fault === name)?.alert;
    assert.deepEqual(alertOf('crash'), [], 'what its first restart cures is told to nobody');
    assert.ok(alertOf('crash-loop')?.length, 'it is told of, or about to be');
    assert.match(readFileSync(report, 'utf8'), /^\| api \| freeze \| \d+\.\d s \|.*\| yes \|$/m);
    assert.match(readFileSync(report, 'utf8'), /^Skipped: disk-full of api: what has its log files open/m);
    const decisions = product.decisions('api');
    for (const seen of ['blocked port-taken', 'restart not-ready', 'restart memory-limit'])
      assert.ok(decisions.includes(seen), `${seen} of ${decisions.join(', ')}`);
    assert.match(stderr, /\+\d+\.\d s {2}restart: /);
    const status = await product.status('api');
    assert.deepEqual([status.policy.state, status.policy.restarts], ['healthy', 0]);
    assert.ok(product.incidents('api').some(({ what, drill: marked }) => what === 'fail' && marked));
    assert.equal(existsSync(note), false);
    const summary = async (...args: string[]) =>
      JSON.parse((await sandbox.lifeguard('incidents', 'summary', '--json', ...args)).stdout) as Record<string, number>;
    const [real, all] = [await summary(), await summary('--drills')];
    assert.deepEqual([real.incidents, all.drillsLeftOut], [0, 0], 'drills are no incidents of its own');
    assert.ok(real.drillsLeftOut === all.incidents && (all.incidents ?? 0) >= figures.length - 1);
    const { stdout: told } = await sandbox.lifeguard('doctor', '--json');
    assert.doesNotMatch(told, /"id": "restarts-often"/, 'its restarts are no finding');
  });

  test('--max makes a slower recovery fail; the report has the figures of the last one beside its own', async () => {
    const { code, stdout } = await drill('crash', '--yes', '--backend', 'api', '--max', '1ms');
    assert.equal(code, 1);
    assert.match(stdout, /^crash +\d+\.\d s +\d+\.\d s +\d+\.\d s +\d+ of \d+ +1 +\S.* +yes$/m);
    const newest =
      readdirSync(join(sandbox.dir, 'logs/drills'))
        .filter((name) => name.endsWith('.md'))
        .sort()
        .at(-1) ?? '';
    assert.match(
      readFileSync(join(sandbox.dir, 'logs/drills', newest), 'utf8'),
      /\| api \| crash \|.*\| \d+\.\d s \(\d{4}-\d\d-\d\d\) \|/,
    );
  });

  test('of a cluster all workers freeze: one alone would be seen by no check', async () => {
    const { code, stdout, stderr } = await drill('freeze', '--yes', '--backend', 'pair');
    assert.equal(code, 0, stderr + stdout);
    assert.match(stderr, /^freeze: done to pid \d+, pid \d+$/m);
  });

  test('a crash loop to its limit: given up, and then as before', async () => {
    const { code, stdout, stderr } = await drill('crash-loop', '--full', '--yes', '--backend', 'slow', '--json');
    assert.equal(code, 0, stderr + stdout);
    assert.match(stderr, /give-up: .*3 restarts within 10 min are the limit/);
    const [figures] = (JSON.parse(stdout) as { figures: Figures[] }).figures;
    assert.deepEqual([figures?.restarts, figures?.asBefore], [3, true]);
  });

  for (const [how, end] of [
    ['Ctrl-C', 'SIGINT'],
    ['kill -9, and the next command', 'SIGKILL'],
  ] as const) {
    test(`interrupted by ${how}: the process goes on as before`, async () => {
      const pid = await product.pidOf(slow);
      const child: ChildProcess = spawn(
        process.execPath,
        [join(ROOT, 'bin/lifeguard.js'), 'drill', 'freeze', '--yes', '--backend', 'slow'],
        {
          cwd: sandbox.dir,
          env: sandbox.env,
          stdio: 'ignore',
        },
      );
      await until('it to be frozen', () => stateOf(pid) === 'T', { deadlineMs: 60_000 });
      assert.ok(existsSync(note), 'what undoes it is on the disk');
      child.kill(end);
      await once(child, 'exit');
      if (end === 'SIGKILL') {
        assert.equal(stateOf(pid), 'T');
        const { stderr } = await sandbox.lifeguard('status');
        assert.match(stderr, /A drill of slow was left unfinished: it is undone now\./);
      }
      assert.notEqual(stateOf(pid), 'T');
      assert.equal(existsSync(note), false);
      assert.equal(await until('an answer', () => product.pidOf(slow)), pid);
      await product.untilState('slow', 'healthy');
    });
  }

  for (const { fault, end, afterMs } of moments()) {
    test(`interrupted at any moment, all is as before after the next command: ${fault}, ${end} after ${afterMs} ms`, {
      timeout: 240_000,
    }, async () => {
      const others = await incarnations(sandbox, 'lifeguard');
      const drill = spawn(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'drill', fault, '--yes', '--backend', 'api'], {
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

  test('refused: unasked, unknown, for one of several, and outside a steady state', async () => {
    const unasked = await drill('crash', '--backend', 'api');
    assert.equal(unasked.code, 64);
    assert.match(unasked.stderr, /this will kill its process \(SIGKILL\)\. Its clients will notice[\s\S]*Add --yes/);
    assert.equal((await drill('flood', '--yes', '--backend', 'api')).code, 64);
    assert.match(
      (await drill('crash', '--yes')).stderr,
      /which backend\?[\s\S]*--backend api or --backend slow or --backend pair/,
    );
    await strike(api.port, '/crash');
    await until('a restart', async () => (await product.status('api')).policy.restarts > 0);
    await product.untilState('api', 'healthy');
    const pid = await product.pidOf(api);
    const busy = await drill('freeze', '--yes', '--backend', 'api');
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /no freeze drill of api: it was restarted once lately/);
    assert.equal(await product.pidOf(api), pid);
  });
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
