import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { get, Product, signal, type Victim } from '../support/product.ts';

suite('a cluster of two', () => {
  const product = new Product();
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', { run: { instances: 2 }, restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(() => product.dispose());

  async function pids(): Promise<number[]> {
    return (await product.status('victim')).processes.map(({ pid }) => pid).sort();
  }

  test('is restarted one worker at a time, and no request fails meanwhile', async () => {
    const old = await pids();
    assert.equal(old.length, 2);
    let failed = 0;
    let asked = 0;
    let over = false;
    const asking = (async () => {
      while (!over) {
        asked++;
        await get(victim.port, '/live').catch(() => failed++);
      }
    })();
    await product.ask('restart');
    await until('two new workers', async () => {
      const now = await pids();
      return now.length === 2 && now.every((pid) => pid > 0 && !old.includes(pid));
    });
    over = true;
    await asking;
    assert.ok(asked > 10);
    assert.equal(failed, 0);
    await product.untilState('victim', 'healthy');
  });

  test('a worker that crashes is back, the other one serves on', async () => {
    const [first, second] = await pids();
    signal(first, 'SIGKILL');
    await until('a new worker beside the old one', async () => {
      const now = await pids();
      return now.length === 2 && now.includes(second ?? 0) && !now.includes(first ?? 0) && !now.includes(0);
    });
    await product.untilState('victim', 'healthy');
  });

  test('one that is frozen is replaced alone, the other one serves on and answers every check', async () => {
    const [first, second] = await pids();
    signal(first, 'SIGSTOP');
    await until(
      'a new worker beside the old one',
      async () => {
        const now = await pids();
        return now.length === 2 && now.includes(second ?? 0) && !now.includes(first ?? 0) && !now.includes(0);
      },
      { deadlineMs: 40_000 },
    );
    assert.ok(product.decisions('victim').includes('restart worker-frozen'));
    await product.untilState('victim', 'healthy');
  });

  test('frozen workers are both replaced', async () => {
    const old = await pids();
    for (const pid of old) signal(pid, 'SIGSTOP');
    await until(
      'two new workers',
      async () => {
        const now = await pids();
        return now.length === 2 && now.every((pid) => pid > 0 && !old.includes(pid));
      },
      { deadlineMs: 90_000 },
    );
    await product.untilState('victim', 'healthy');
  });
});
