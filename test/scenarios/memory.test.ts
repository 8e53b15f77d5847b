import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, strike } from '../support/product.ts';

/** Once it is told to, a child of it spins; the next one is not told. */
const SPINNER = `
const { existsSync, rmSync } = require('node:fs');
const { spawn } = require('node:child_process');
setInterval(() => {
  if (!existsSync('spin')) return;
  rmSync('spin');
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
}, 100);
`;

suite('max_memory and max_cpu', () => {
  const product = new Product();
  after(() => product.dispose());

  test('a process tree that grows over it, most of it in a child, is restarted gracefully and counted', async (t) => {
    const victim = await product.victim('victim', { restart: { max_memory: '200M' } });
    product.backend({
      name: 'spinner',
      run: { script: 'spinner.cjs' },
      health: { liveness: null },
      restart: { max_cpu: { percent: 10, for: '10s' } }, // low: others may want the processor, too
    });
    writeFileSync(join(product.sandbox.dir, 'spinner.cjs'), SPINNER);
    await product.start();
    const pid = await product.pidOf(victim);
    await strike(victim.port, '/grow?mb=250');
    const ms = await product.untilReplaced(victim, pid);
    t.diagnostic(`a new process after ${ms} ms`);
    const status = await product.untilState('victim', 'healthy');
    assert.equal(status.policy.restarts, 1);
    assert.ok(product.decisions('victim').includes('restart memory-limit'));
  });

  test('a tree that takes more of the processor than max_cpu for so long, in a child, is restarted too', async () => {
    const [before] = (await product.status('spinner')).processes;
    writeFileSync(join(product.sandbox.dir, 'spin'), '');
    const isReplaced = async () => (await product.status('spinner')).processes.some(({ pid }) => pid !== before?.pid);
    await until('a new process', isReplaced, { deadlineMs: 50_000 });
    assert.deepEqual(product.decisions('spinner').slice(0, 2), ['fail cpu-limit', 'restart cpu-limit']);
  });
});
