import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Product, signal, strike, type Victim } from '../support/product.ts';

suite('what a restart cures is restarted, at the default thresholds', () => {
  const product = new Product();
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', {
      health: { interval: '1s', timeout: '5s' },
      restart: { backoff: { initial: '100ms' } },
    });
    await product.start();
  });
  after(() => product.dispose());

  test('a crash: back within 2 s, told as what it was', async (t) => {
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGKILL');
    const ms = await product.untilReplaced(victim, pid, 10_000);
    t.diagnostic(`back after ${ms} ms`);
    await product.untilState('victim', 'healthy');
    const [failed] = product.incidents('victim').filter(({ what }) => what === 'fail');
    assert.match(failed?.reason.text ?? '', /killed \(SIGKILL/);
  });

  test('a 503 that lasts until it is restarted: a new process within 4 s', async (t) => {
    const pid = await product.pidOf(victim);
    await strike(victim.port, '/sick');
    const ms = await product.untilReplaced(victim, pid, 12_000);
    t.diagnostic(`a new process after ${ms} ms`);
    await product.untilState('victim', 'healthy');
    assert.ok(product.decisions('victim').includes('restart not-ready'));
  });

  test('a frozen process (SIGSTOP): killed and started within 12 s', async (t) => {
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGSTOP');
    const ms = await product.untilReplaced(victim, pid, 25_000);
    t.diagnostic(`a new process after ${ms} ms`);
    await product.untilState('victim', 'healthy');
    assert.ok(product.decisions('victim').includes('restart hung'));
  });

  test('a pause of 4 s and answers after 900 ms are no reason', async () => {
    const pid = await product.pidOf(victim);
    await strike(victim.port, '/block?ms=4000');
    victim.tell({ delay: 900 });
    const before = product.incidents('victim').length;
    await sleep(6_000);
    assert.equal(await product.pidOf(victim), pid);
    const since = product.incidents('victim').slice(before);
    assert.deepEqual(
      since.filter(({ what }) => what !== 'recover'),
      [],
    );
    victim.tell({});
  });
});
