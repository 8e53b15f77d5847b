import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { Product, signal } from '../support/product.ts';

const QUICK = {
  max_restarts: 4,
  within: '2m',
  cool_down: null,
  backoff: { initial: '100ms', factor: 1, max: '200ms', jitter: 0 },
};

suite('the restart limit holds', () => {
  const product = new Product();
  after(() => product.dispose());

  test('healthy at first, then crashing at every start: stopped at the limit, and reset brings it back', async () => {
    const victim = await product.victim('victim', { restart: QUICK });
    await product.start();
    victim.tell({ exit: 1 });
    signal(await product.pidOf(victim), 'SIGKILL');

    const status = await product.untilState('victim', 'exhausted');
    assert.equal(status.policy.restarts, 4);
    assert.equal(product.decisions('victim').filter((decision) => decision.startsWith('restart')).length, 4);
    const [listed] = (await product.sandbox.list()).filter(({ name }) => name === 'victim');
    assert.equal(listed?.pm2_env.status, 'stopped');
    assert.match(status.policy.held ?? '', /4 restarts/);

    victim.tell({});
    await product.ask('reset');
    await product.untilState('victim', 'healthy');
  });

  test('a restart of lifeguard forgets nothing: still exhausted, still stopped', async () => {
    const [victim] = product.victims;
    assert.ok(victim);
    victim.tell({ exit: 1 });
    signal(await product.pidOf(victim), 'SIGKILL');
    await product.untilState('victim', 'exhausted');
    await product.sandbox.pm2('restart', 'lifeguard');
    const status = await product.untilState('victim', 'exhausted');
    assert.equal(status.policy.restarts, 4);
    assert.deepEqual(status.processes, []);
  });
});
