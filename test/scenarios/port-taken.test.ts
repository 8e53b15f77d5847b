import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Product } from '../support/product.ts';
import { startNode } from '../support/program.ts';

suite('a port that a stranger holds', () => {
  const product = new Product();
  after(() => product.dispose());

  test('nothing is started or counted, the stranger is named and untouched; free again, the backend is up soon', async (t) => {
    const victim = await product.victim('victim');
    const stranger = await startNode(
      t,
      `require('net').createServer().listen(${victim.port}, '127.0.0.1', () => console.log('here'))`,
    );
    await product.start({ healthy: false });
    const status = await product.untilState('victim', 'blocked');
    assert.match(status.policy.held ?? '', new RegExp(`\\b${stranger.pid}\\b`));
    const restarts = (await product.sandbox.list()).find(({ name }) => name === 'victim')?.pm2_env.restart_time;
    await sleep(2_000);
    const later = (await product.sandbox.list()).find(({ name }) => name === 'victim');
    assert.equal(later?.pm2_env.restart_time, restarts);
    assert.equal(later?.pm2_env.status, 'stopped');
    assert.equal(stranger.child.exitCode, null);

    stranger.child.kill('SIGKILL');
    const ms = await product.untilReplaced(victim, null, 10_000);
    t.diagnostic(`answers ${ms} ms after the port was free`);
    const healthy = await product.untilState('victim', 'healthy');
    assert.equal(healthy.policy.restarts, 0);
  });
});
