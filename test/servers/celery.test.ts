// A Celery worker with a real Redis: what it has in hand is finished, and its broker's absence is no crash of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, signal } from '../support/product.ts';
import { ROOT } from '../support/sandbox.ts';
import { type RealServer, redisServer } from '../support/servers.ts';

const FIXTURES = join(ROOT, 'test/fixtures/servers');

suite('a Celery worker', () => {
  const product = new Product();
  let redis: RealServer;

  before(async () => {
    redis = await redisServer();
    await redis.start();
    product.backend({
      name: 'worker',
      run: {
        command: '/usr/bin/python3 -m celery -A celery_app worker --concurrency 2 --without-gossip --without-mingle',
        cwd: FIXTURES,
        env: { BROKER: redis.url, PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1' },
      },
      health: { liveness: null },
      restart: { kill_timeout: '30s' },
      depends_on: [{ name: 'broker', check: redis.url }],
    });
    await product.start();
    await product.untilState('worker', 'unchecked', 30_000);
  });
  after(async () => {
    await product.dispose();
    await redis.remove();
  });

  const pidOf = async () => (await product.status('worker')).processes[0]?.pid ?? 0;

  test('lifeguard restart: the task in hand is finished by the old one, and nothing is counted', async () => {
    const before = await pidOf();
    const file = join(product.sandbox.dir, 'task');
    send(redis.url, 6, file);
    await until('the task to begin', () => existsSync(`${file}.begun`), { deadlineMs: 30_000 });
    const config = `${product.sandbox.dir}/ecosystem.config.ts`;
    const { code, stdout, stderr } = await product.sandbox.lifeguard('restart', 'worker', '--config', config);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(existsSync(file), 'it was finished');
    assert.match(stdout + stderr, /worker: was sent SIGTERM and finishes what it has in hand/);
    await until('another one', async () => ![0, before].includes(await pidOf()));
    assert.equal((await product.status('worker')).policy.restarts, 0);
    assert.deepEqual(product.decisions('worker'), []);
  });

  test('kill -9 of its parent: no process of its pool lives on', async () => {
    const before = await pidOf();
    signal(before, 'SIGKILL');
    await until('another one', async () => {
      const pid = await pidOf();
      return pid !== 0 && pid !== before ? true : null;
    });
    const file = join(product.sandbox.dir, 'second');
    send(redis.url, 0, file);
    await until('it to work', () => existsSync(file), { deadlineMs: 30_000 });
  });
});

/** As a web application would, from another process. */
function send(broker: string, seconds: number, file: string): void {
  const code = `import celery_app; celery_app.slow.delay(${seconds}, ${JSON.stringify(file)})`;
  const env = { ...process.env, BROKER: broker, PYTHONDONTWRITEBYTECODE: '1' };
  const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', code], { cwd: FIXTURES, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
