import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, strike } from '../support/product.ts';

suite('many at once', () => {
  const product = new Product();
  after(() => product.dispose());

  test('a shared reason that a restart does not cure: one is restarted, the others are held', async () => {
    for (const name of 'abcdefghij')
      await product.victim(name, { health: { startup_timeout: '3s' }, restart: { backoff: { initial: '100ms' } } });
    await product.start();
    for (const victim of product.victims) victim.tell({ status: 503 });
    await until('one restart and nine holds', () => {
      const decisions = product.decisions();
      const count = (wanted: RegExp) => decisions.filter((decision) => wanted.test(decision)).length;
      return count(/^restart not-ready/) === 1 && count(/^hold shared-cause/) === 9;
    });
    for (const victim of product.victims) victim.tell({});
    for (const { name } of product.victims) await product.untilState(name, 'healthy');
  });

  test('a shared reason that a restart does cure: all are healthy soon', async (t) => {
    const pids = await Promise.all(product.victims.map((victim) => product.pidOf(victim)));
    const start = performance.now();
    await Promise.all(product.victims.map(({ port }) => strike(port, '/sick')));
    await Promise.all(product.victims.map((victim, i) => product.untilReplaced(victim, pids[i] ?? null, 30_000)));
    for (const { name } of product.victims) await product.untilState(name, 'healthy');
    t.diagnostic(`all ten healthy after ${Math.round(performance.now() - start)} ms`);
    assert.ok(performance.now() - start < 30_000);
  });
});
