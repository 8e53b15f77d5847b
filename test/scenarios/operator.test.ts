import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Product, strike, type Victim } from '../support/product.ts';

suite('an operator has the last word', () => {
  const product = new Product();
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(() => product.dispose());

  test('what pm2 stop stopped stays so, and pm2 start brings it back under watch', async () => {
    await product.sandbox.pm2('stop', 'victim');
    await product.untilState('victim', 'stopped');
    await sleep(1_500);
    assert.equal(await product.pidOf(victim), null);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilState('victim', 'healthy');
    assert.equal((await product.status('victim')).policy.restarts, 0);
  });

  test('pm2 restart is not counted', async () => {
    const pid = await product.pidOf(victim);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilReplaced(victim, pid);
    const status = await product.untilState('victim', 'healthy');
    assert.equal(status.policy.restarts, 0);
  });

  test('a graceful restart that takes its time is no failure: nothing is told, nothing is done', async () => {
    const before = product.decisions('victim').length;
    victim.tell({ drain: 2_000 });
    const pid = await product.pidOf(victim);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilReplaced(victim, pid);
    victim.tell({});
    await product.untilState('victim', 'healthy');
    assert.deepEqual(product.decisions('victim').slice(before), []);
  });

  test('while paused a sick backend is left alone, and healed at resume', async () => {
    const pid = await product.pidOf(victim);
    assert.equal((await product.ask('pause', '1m')).ok, true);
    await strike(victim.port, '/sick');
    await sleep(1_500);
    assert.equal(await product.pidOf(victim), pid);
    assert.equal((await product.status('victim')).policy.state, 'paused');
    await product.ask('resume');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');
  });

  test('the action restart restarts it, uncounted; a wrong parameter is answered, not swallowed', async () => {
    const { restarts } = (await product.status('victim')).policy;
    const pid = await product.pidOf(victim);
    await product.ask('restart');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');
    assert.equal((await product.status('victim')).policy.restarts, restarts);
    const answer = await product.ask('pause', 'victim soon');
    assert.equal(answer.ok, false);
    assert.match(String(answer.error), /'soon' is not a duration/);
  });

  test('deleted while watched: stopped, and nothing starts it', async () => {
    await product.sandbox.pm2('delete', 'victim');
    await product.untilState('victim', 'stopped');
    await sleep(1_000);
    assert.deepEqual(
      (await product.sandbox.list()).map(({ name }) => name),
      ['lifeguard'],
    );
  });
});
