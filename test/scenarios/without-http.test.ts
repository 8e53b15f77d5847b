import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, signal } from '../support/product.ts';
import { ROOT } from '../support/sandbox.ts';

suite('workers that answer no HTTP are kept alive by heartbeats and by commands', () => {
  const product = new Product();
  const quick = { restart: { backoff: { initial: '100ms' }, kill_timeout: '1s' } };
  const checks = { interval: '200ms' };
  const flag = join(product.sandbox.dir, 'sick');

  before(async () => {
    const beats = { ...checks, liveness: { heartbeat: { within: '2s' } } };
    const example = (file: string) => join(ROOT, 'examples/workers', file);
    product.backend({ name: 'node-loop', run: { script: example('loop.cjs') }, health: beats, ...quick });
    product.backend({ name: 'python-loop', run: { command: `python3 ${example('loop.py')}` }, health: beats, ...quick });
    writeFileSync(flag, 'well');
    const exec = { command: `grep -q well ${flag}`, interval: '1s' };
    product.backend({ name: 'asked', run: { script: example('loop.cjs') }, health: { ...checks, liveness: { exec } }, ...quick });
    await product.start();
    for (const name of ['node-loop', 'python-loop', 'asked']) await product.untilState(name, 'healthy', 30_000);
  });
  after(() => product.dispose());

  for (const name of ['node-loop', 'python-loop']) {
    test(`${name}, the example as it is: frozen it beats no more, and is replaced`, async () => {
      const pid = (await product.status(name)).processes[0]?.pid;
      signal(pid, 'SIGSTOP');
      await until('a new process', async () => replaced((await product.status(name)).processes, pid), { deadlineMs: 40_000 });
      await product.untilState(name, 'healthy', 30_000);
      const [restart] = product.incidents(name).filter(({ what }) => what === 'restart');
      assert.match(restart?.reason.text ?? '', /has sent no further heartbeat for/);
    });
  }

  test('one whose command fails is restarted, with what the command said; well again when it is', async () => {
    const pid = (await product.status('asked')).processes[0]?.pid;
    writeFileSync(flag, 'sick');
    await until('a new process', async () => replaced((await product.status('asked')).processes, pid), { deadlineMs: 40_000 });
    writeFileSync(flag, 'well');
    await product.untilState('asked', 'healthy', 30_000);
    const [restart] = product.incidents('asked').filter(({ what }) => what === 'restart');
    assert.match(restart?.reason.text ?? '', /fails its check command: exit status 1/);
  });
});

function replaced(processes: readonly { readonly pid: number }[], old: number | undefined): boolean {
  return processes.some(({ pid }) => pid > 0 && pid !== old);
}
