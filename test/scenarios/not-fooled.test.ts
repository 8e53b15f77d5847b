import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/poll.ts';
import { Product, signal, type Victim } from '../support/product.ts';
import { processesOf } from '../support/sandbox.ts';

suite('not fooled by itself, and never two of them', () => {
  const product = new Product();
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim');
    await product.start();
  });
  after(() => product.dispose());

  async function lifeguardPid(): Promise<number> {
    const listed = (await product.sandbox.list()).find(({ name }) => name === 'lifeguard');
    return listed?.pid ?? 0;
  }

  test('stopped for 4 s and gone on, it blames nobody', async () => {
    const pid = await product.pidOf(victim);
    const guard = await lifeguardPid();
    signal(guard, 'SIGSTOP');
    await sleep(4_000);
    signal(guard, 'SIGCONT');
    await sleep(1_500);
    assert.deepEqual(product.decisions('victim'), []);
    assert.equal(await product.pidOf(victim), pid);
    assert.equal((await product.status('victim')).policy.state, 'healthy');
  });

  test('killed, it is started again by PM2 and goes on watching the same process', async () => {
    const pid = await product.pidOf(victim);
    const guard = await lifeguardPid();
    signal(guard, 'SIGKILL');
    await until('another lifeguard', async () => ![0, guard].includes(await lifeguardPid()));
    await product.untilState('victim', 'healthy');
    assert.equal(await product.pidOf(victim), pid);
  });

  test('when the daemon dies it ends too, and starts no other', async () => {
    const guard = await lifeguardPid();
    const daemon = processesOf(product.sandbox.pm2Home).find(({ command }) => command.includes('God Daemon'));
    assert.ok(daemon);
    signal(daemon.pid, 'SIGKILL');
    await until('lifeguard to end', () => !processesOf(product.sandbox.pm2Home).some(({ pid }) => pid === guard));
    await sleep(1_000);
    const left = processesOf(product.sandbox.pm2Home);
    assert.ok(!left.some(({ command }) => command.includes('God Daemon')));
    // Without systemd its apps live on as orphans.
    for (const { pid } of left) signal(pid, 'SIGKILL');
  });
});
