import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Product, signal, strike } from '../support/product.ts';

suite('restart.on', () => {
  const product = new Product();
  after(() => product.dispose());

  test('without crash: a hang is healed all the same, a crash is left for somebody to see', async () => {
    const victim = await product.victim('victim', { health: { timeout: '500ms' }, restart: { on: ['hang'] } });
    await product.start();
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGSTOP');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');

    await strike(victim.port, '/crash');
    await sleep(2_000);
    assert.equal(await product.pidOf(victim), null);
    assert.ok(product.decisions('victim').includes('hold not-in-restart-on'));
    await product.sandbox.pm2('restart', 'victim');
    await product.untilState('victim', 'healthy');
  });
});
