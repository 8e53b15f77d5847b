import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDependency } from '../../../src/health/dependencies/open-dependency.ts';
import type { DependencyAnswer } from '../../../src/health/dependency-answer.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { mariadbServer, PASSWORD, type RealServer, rabbitmqServer, redisServer } from '../../support/servers.ts';

for (const [name, open, startsFast] of [
  ['Redis', redisServer, true],
  ['MariaDB', mariadbServer, true],
  ['RabbitMQ', rabbitmqServer, false],
] as const) {
  test(`${name}: answers; frozen and stopped it is down; up again when it is back; no password is shown`, async (t) => {
    const server = await open();
    t.after(() => server.remove());
    await server.start();
    const dependency = openDependency(server.url);
    t.after(() => dependency.close());
    await until('an answer', async () => (await dependency.check(5_000)).up);
    assert.equal((await dependency.check(5_000)).detail, 'answers');

    await frozen(server, dependency);
    await wrong(server);
    if (startsFast) await restarted(server, dependency);
    await server.stop();
    // While it shuts down it may accept, and say nothing.
    await until('refused', async () => /ECONNREFUSED/.test(notUp(await dependency.check(5_000))?.detail ?? ''));
    if (!startsFast) return;
    await server.start();
    await until('up again', async () => (await dependency.check(5_000)).up);
  });
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

type Open = ReturnType<typeof openDependency>;

async function frozen(server: RealServer, dependency: Open): Promise<void> {
  await server.signal('SIGSTOP');
  try {
    for (let times = 0; times < 2; times++) {
      const down = await until('a verdict', async () => notUp(await dependency.check(300)));
      assert.equal(down.detail, 'no answer within 300 ms');
    }
    await until('the sockets to be closed', () => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  } finally {
    await server.signal('SIGCONT');
  }
  await until('up again', async () => (await dependency.check(5_000)).up);
}

/** A connection that broke between two checks is no verdict on the server that is there now. */
async function restarted(server: RealServer, dependency: Open): Promise<void> {
  await server.stop();
  await server.start();
  await until('up after a restart', async () => (await dependency.check(5_000)).up);
}

async function wrong(server: RealServer): Promise<void> {
  const mistaken = openDependency(server.url.replace(encodeURIComponent(PASSWORD), 'sesame'));
  const { up, detail } = await mistaken.check(5_000);
  mistaken.close();
  assert.equal(up, false);
  assert.match(detail, /WRONGPASS|Access denied|ACCESS_REFUSED|ACCESS-REFUSED/i);
  assert.doesNotMatch(detail, /sesame/);
}

test('Redis: while it loads its data it is down; a read-only replica is told', async (t) => {
  const server = await redisServer();
  t.after(() => server.remove());
  await server.start();
  const { Redis } = await import('ioredis');
  const client = new Redis(server.url);
  await client.call('DEBUG', 'POPULATE', '2000');
  await client.call('SAVE');
  client.disconnect();
  await server.stop();

  const dependency = openDependency(server.url);
  await server.start('--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024');
  const loading = await until('it to load', async () => notUp(await dependency.check(5_000)), { everyMs: 5 });
  assert.match(loading.detail, /LOADING/);
  await until('it to be up', async () => (await dependency.check(5_000)).up);
  dependency.close();

  const replica = await redisServer();
  t.after(() => replica.remove());
  await replica.start('--replicaof', '127.0.0.1', String(server.port), '--masteruser', 'app', '--masterauth', PASSWORD);
  const second = openDependency(replica.url);
  const answer = await until('an answer', async () => (await second.check(5_000)).up && second.check(5_000));
  assert.deepEqual(answer, { up: true, detail: `answers, but it is a read-only replica of 127.0.0.1:${server.port}` });
  second.close();
});

const SCHEMES = ['redis', 'rediss', 'mysql', 'mongodb', 'amqp', 'amqps'];

test('nobody there, somebody else there, nobody who speaks: down within the deadline, and nothing is left', async (t) => {
  const mail = await listener(t, (write) => write('220 mail.example ESMTP\r\n'));
  const silent = await listener(t, () => {});
  const nobody = await freePort();
  for (const scheme of SCHEMES) {
    for (const port of [nobody, mail, silent]) {
      const url = `${scheme}://app:s3cret@127.0.0.1:${port}/x`;
      const dependency = openDependency(url);
      const began = performance.now();
      const { detail } = await until('a verdict', async () => notUp(await dependency.check(700)));
      dependency.close();
      assert.ok(performance.now() - began < 15_000, url);
      assert.doesNotMatch(detail, /s3cret/, url);
      assert.ok(detail.length > 3, `${url}: ${detail}`);
    }
  }
  await until('no socket to be left', () => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
});

test('where a client is not installed it is said, with what to type, and the dependency counts as one that nobody checks', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-clients-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const there of ['http-parser-js', 'tsx', 'zod'])
    symlinkSync(join(ROOT, 'node_modules', there), join(folder, 'node_modules', there));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'ask.ts'),
    `import { openDependency } from './src/health/dependencies/open-dependency.ts';
    import { clientOf } from './src/health/dependencies/clients.ts';
    import { isInstalled } from './src/host/installed-package.ts';
    for (const scheme of ['postgres', 'redis', 'mysql', 'mongodb', 'amqp']) {
      const check = scheme + '://me:s3cret@127.0.0.1/x';
      console.log(JSON.stringify([isInstalled(clientOf(check)!), await openDependency(check).check(5_000)]));
    }`,
  );
  const printed = execFileSync(process.execPath, ['--import', 'tsx', 'ask.ts'], { cwd: folder, encoding: 'utf8' });
  const lines = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const said = (scheme: string, client: string) => [
    false,
    {
      up: true,
      detail: `not asked: ${scheme}:// is asked with the npm package ${client}, which is not installed: npm install ${client}`,
    },
  ];
  assert.deepEqual(lines, [
    said('postgres', 'pg'),
    said('redis', 'ioredis'),
    said('mysql', 'mysql2'),
    said('mongodb', 'mongodb'),
    said('amqp', 'amqplib'),
  ]);
});

function notUp(answer: DependencyAnswer): DependencyAnswer | null {
  return answer.up ? null : answer;
}

async function listener(t: TestContext, greet: (write: (text: string) => void) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    greet((text) => socket.write(text));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => server.close());
  return port;
}
