// Workers without HTTP on a real Redis: Celery's and BullMQ's, with the heartbeats of examples/workers. LIFEGUARD_LONG=1 waits as long as
// docs/workers.md says; the seconds that it tells are those in there.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { after, before, suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { childrenOf } from '../../src/host/linux/process-table.ts';
import { until } from '../support/poll.ts';
import { Product, signal } from '../support/product.ts';
import { processesOf, ROOT } from '../support/sandbox.ts';
import { type RealServer, redisServer } from '../support/servers.ts';

const FIXTURES = join(ROOT, 'test/fixtures/servers');
const CELERY = '/usr/bin/python3 -m celery -A celery_app worker --without-gossip --without-mingle --concurrency';
const IS_LONG = process.env.LIFEGUARD_LONG === '1';
const TASK_SECONDS = IS_LONG ? 20 : 4;
const OUTAGE_MS = IS_LONG ? 60_000 : 8_000;

suite('workers without HTTP, on a real Redis', () => {
  const product = new Product();
  const config = `${product.sandbox.dir}/ecosystem.config.ts`;
  let redis: RealServer;
  let sender: ChildProcessByStdio<Writable, null, null> | null = null;
  const deadlocked = new Map<string, { file: string; pid: number }>();

  before(async () => {
    redis = await redisServer();
    await redis.start();
    sender = spawn('/usr/bin/python3', ['celery_send.py'], {
      cwd: FIXTURES,
      env: { ...process.env, BROKER: redis.url, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    for (const kind of ['celery', 'bullmq'] as const) {
      // Of one of each a task will never end: it has no time to wait for it.
      worker(kind, kind, { JOB_LIMIT_SECONDS: '600' }, '40s');
      worker(kind, `${kind}-stuck`, { JOB_LIMIT_SECONDS: '2' }, '1s');
    }
    await product.start();
    for (const name of ['celery', 'bullmq', 'celery-stuck', 'bullmq-stuck']) await product.untilState(name, 'healthy', 30_000);
    for (const name of ['celery-stuck', 'bullmq-stuck'])
      deadlocked.set(name, { pid: await pidOf(name), file: await send(name, null) });
  });
  after(async () => {
    sender?.stdin.end();
    await product.dispose();
    await redis.remove();
  });

  function worker(kind: 'celery' | 'bullmq', name: string, env: NodeJS.ProcessEnv, kill_timeout: string): void {
    product.backend({
      name,
      run: {
        ...(kind === 'celery' ? { command: `${CELERY} 2` } : { script: join(FIXTURES, 'bullmq-worker.cjs') }),
        cwd: FIXTURES,
        env: { BROKER: redis.url, QUEUE: name, PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1', ...env },
      },
      health: { liveness: { heartbeat: { within: '3s' } }, interval: '500ms' },
      restart: { kill_timeout, backoff: { initial: '100ms' } },
      depends_on: [{ name: 'broker', check: redis.url }],
    });
  }

  const pidOf = async (name: string) => (await product.status(name)).processes[0]?.pid ?? 0;
  const another = (name: string, old: number) =>
    until(`another process of ${name}`, async () => ![0, old].includes(await pidOf(name)), { deadlineMs: 120_000 });

  /** As a web application would, from another process. @returns the file that says that it is done; with .begun, that it has begun */
  async function send(name: string, seconds: number | null): Promise<string> {
    const file = join(product.sandbox.dir, `task-${name}-${Math.random()}`);
    if (name.startsWith('bullmq')) {
      const queue = new Queue(name, { connection: { url: redis.url } });
      await queue.add('task', { seconds, file });
      await queue.close();
      return file;
    }
    sender?.stdin.write(`${JSON.stringify([name, seconds, file])}\n`);
    return file;
  }

  async function works(name: string): Promise<void> {
    const file = await send(name, 0);
    await until(`${name} to work`, () => existsSync(file), { deadlineMs: 120_000 });
  }

  const both = (work: (name: 'celery' | 'bullmq') => Promise<void>) => Promise.all((['celery', 'bullmq'] as const).map(work));

  test(`warm shutdown: lifeguard restart lets a task of ${TASK_SECONDS} s be finished, and counts nothing`, async (t) => {
    const old = { celery: await pidOf('celery'), bullmq: await pidOf('bullmq') };
    const files: string[] = [];
    await both(async (name) => {
      const file = await send(name, TASK_SECONDS);
      files.push(file);
      await until(`the task of ${name} to begin`, () => existsSync(`${file}.begun`), { deadlineMs: 90_000 });
    });
    const began = performance.now();
    const { code, stdout, stderr } = await product.sandbox.lifeguard('restart', 'celery', 'bullmq', '--config', config);
    tell(t, 'both were restarted', began);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(files.length === 2 && files.every((file) => existsSync(file)), 'they were finished');
    assert.match(stdout + stderr, /celery: was sent SIGTERM and finishes what it has in hand/);
    await both(async (name) => {
      await another(name, old[name]);
      await product.untilState(name, 'healthy', 30_000);
      assert.equal((await product.status(name)).policy.restarts, 0);
      assert.deepEqual(product.decisions(name), []);
    });
  });

  test('kill -9: another one works, and no process of its pool lives on', async (t) => {
    await both(async (name) => {
      const old = await pidOf(name);
      const pool = childrenOf(old) ?? [];
      const began = performance.now();
      signal(old, 'SIGKILL');
      await another(name, old);
      await works(name);
      tell(t, `${name} works again`, began);
      assert.deepEqual(
        processesOf(product.sandbox.pm2Home).filter(({ pid }) => pool.includes(pid)),
        [],
      );
    });
  });

  test('a task that never ends: its heartbeat stops, and it is replaced', async () => {
    for (const [name, { file, pid }] of deadlocked) {
      assert.ok(existsSync(`${file}.begun`));
      await another(name, pid);
      await works(name);
      assert.match(lastReason(name), /has sent no further heartbeat for/);
    }
  });

  // After that: of three that go bad at once lifeguard would restart one alone, to see whether that helps.
  test('frozen (SIGSTOP): its heartbeat stops, and it is replaced', async (t) => {
    for (const name of ['celery', 'bullmq', ...deadlocked.keys()]) await product.untilState(name, 'healthy', 30_000);
    await both(async (name) => {
      const old = await pidOf(name);
      const began = performance.now();
      signal(old, 'SIGSTOP');
      await another(name, old);
      await works(name);
      tell(t, `${name} works again`, began);
      assert.match(lastReason(name), /has sent no further heartbeat for/);
    });
  });

  test(`the broker is stopped for ${OUTAGE_MS / 1_000} s: told, nothing restarted, nothing counted, and they work again`, async (t) => {
    const known = async () => Promise.all((['celery', 'bullmq'] as const).map((name) => product.status(name)));
    const before = (await known()).map(({ policy, processes }) => [policy.restarts, processes[0]?.pid]);
    await redis.stop();
    const stoppedAt = performance.now();
    await until('it to be told', async () => (await known()).every(({ policy }) => policy.dependenciesDown.includes('broker')));
    await sleep(Math.max(0, OUTAGE_MS - (performance.now() - stoppedAt)));
    await redis.start();
    const backAt = performance.now();
    await both(async (name) => {
      await works(name);
      tell(t, `${name} works again`, backAt);
    });
    const after = (await known()).map(({ policy, processes }) => [policy.restarts, processes[0]?.pid]);
    assert.deepEqual(after, before);
    await both(async (name) => void (await product.untilState(name, 'healthy')));
  });

  function lastReason(name: string): string {
    return product.incidents(name).findLast(({ what }) => what === 'restart')?.reason.text ?? '';
  }
});

function tell(t: TestContext, what: string, since: number): void {
  t.diagnostic(`${what} after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
}
