import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectPm2 } from '../../../src/pm2/daemon/client.ts';
import type { BusEvent, Pm2Client } from '../../../src/pm2/types.ts';
import { until } from '../../support/poll.ts';
import { ROOT, Sandbox } from '../../support/sandbox.ts';

const sandbox = new Sandbox({ SECRET_OF_THE_APP: 'kept' });
const stockPm2 = (...args: string[]) => sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), ...args]);
let client: Pm2Client;
const events: BusEvent[] = [];

before(async () => {
  writeFileSync(join(sandbox.dir, 'app.cjs'), 'setInterval(() => console.log("tick"), 20);');
  writeFileSync(join(sandbox.dir, 'crash.cjs'), 'process.exit(3);');
  await stockPm2('start', 'app.cjs', '--name', 'app', '--no-pmx');
  client = await connectPm2(sandbox.pm2Home);
  await client.onEvent((event) => events.push(event));
});
after(async () => {
  client.close();
  await sandbox.dispose();
});

async function only(name: string) {
  const found = (await client.list()).find((process) => process.name === name);
  assert.ok(found, `${name} is listed`);
  return found;
}

test('no daemon: refused at once, and none is spawned', async () => {
  const home = join(sandbox.dir, 'nobody');
  await assert.rejects(connectPm2(home), { name: 'Pm2Error', code: 'refused' });
  assert.equal(existsSync(home), false);
});

test('list tells what pm2 tells', async () => {
  const app = await only('app');
  assert.equal(app.status, 'online');
  assert.equal(app.execMode, 'fork');
  assert.match(app.outFile, /app-out-0\.log$|app-out\.log$/);
  assert.ok(Math.abs(app.startedAt - Date.now()) < 60_000);
  assert.match(readFileSync(`/proc/${app.pid}/cmdline`, 'utf8'), /ProcessContainerFork|app\.cjs/);
});

test("restart: a new process, the same environment, nothing of the caller's, unannounced", async () => {
  const was = await only('app');
  events.length = 0;
  process.env.OF_THE_CALLER = 'must not get through';
  await client.restart(was.pmId);
  delete process.env.OF_THE_CALLER;
  const is = await only('app');
  assert.notEqual(is.pid, was.pid);
  const environ = readFileSync(`/proc/${is.pid}/environ`, 'utf8').split('\0');
  assert.ok(environ.includes('SECRET_OF_THE_APP=kept'));
  assert.ok(!environ.some((entry) => entry.startsWith('OF_THE_CALLER')));
  await until('exit and online on the bus', () => {
    const seen = events.flatMap((event) => (event.type === 'process' ? [event.event] : []));
    return seen.includes('exit') && seen.includes('online');
  });
  assert.ok(events.every((event) => event.type === 'process' && !event.manually && event.process.name === 'app'));
});

test('stop, start again by restart, reload of a fork app, delete', async () => {
  const { pmId } = await only('app');
  await client.stop(pmId);
  assert.equal((await only('app')).status, 'stopped');
  await client.restart(pmId);
  assert.equal((await only('app')).status, 'online');
  await client.reload(pmId);
  await client.reloadLogs();
  await assert.rejects(client.restart(99), { code: 'failed' });
});

test("between a crash and PM2's own restart: stop cancels it, restart starts it once", async () => {
  await stockPm2('start', 'crash.cjs', '--name', 'crash', '--no-pmx', '--restart-delay', '60000');
  const waiting = await until('waiting restart', async () => {
    const crash = await only('crash');
    return crash.status === 'waiting restart' && crash;
  });
  const exit = events.find((event) => event.type === 'process' && event.event === 'exit' && event.process.name === 'crash');
  assert.equal(exit?.type === 'process' && exit.exitCode, 3);
  await client.restart(waiting.pmId);
  await until('crashed once more', async () => (await only('crash')).startedAt > waiting.startedAt);
  await client.stop(waiting.pmId);
  assert.equal((await only('crash')).status, 'stopped');
  await client.delete(waiting.pmId);
  assert.deepEqual(
    (await client.list()).map((process) => process.name),
    ['app'],
  );
});

test('a frozen daemon: the call ends at its own limit; a lost one: lost, once, for ever', async () => {
  const pid = Number(readFileSync(join(sandbox.pm2Home, 'pm2.pid'), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  try {
    await assert.rejects(client.list(), { code: 'timeout' });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await client.list();
  events.length = 0;
  process.kill(pid, 'SIGSTOP');
  const pending = client.list();
  process.kill(pid, 'SIGKILL');
  await assert.rejects(pending, { code: 'lost' });
  await until('lost on the bus', () => events.length > 0);
  await stockPm2('ls'); // a new daemon on the same sockets is not followed
  await assert.rejects(client.list(), { code: 'lost' });
  assert.deepEqual(events, [{ type: 'lost' }]);
});
