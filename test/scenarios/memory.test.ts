import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { Product, strike } from '../support/product.ts';

suite('max_memory', () => {
  const product = new Product();
  after(() => product.dispose());

  test('a process tree that grows over it, most of it in a child, is restarted gracefully and counted', async (t) => {
    const victim = await product.victim('victim', { restart: { max_memory: '200M' } });
    await product.start();
    const pid = await product.pidOf(victim);
    await strike(victim.port, '/grow?mb=250');
    const ms = await product.untilReplaced(victim, pid);
    t.diagnostic(`a new process after ${ms} ms`);
    const status = await product.untilState('victim', 'healthy');
    assert.equal(status.policy.restarts, 1);
    assert.ok(product.decisions('victim').includes('restart memory-limit'));
  });
});
