// A PM2 daemon of the test's own making: it starts apps as PM2 does, each as the leader of a session.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { readRows } from '../../../src/host/linux/process-table.ts';
import { endLeftBehind, leftBehind } from '../../../src/host/orphans/left-behind.ts';
import { startTimeOf } from '../../../src/host/processes/is-alive.ts';
import { HOSTS } from '../../support/hosts.ts';
import { until } from '../../support/poll.ts';
import { processesOf } from '../../support/sandbox.ts';

for (const [name, host] of HOSTS) {
  test(`${name}: the workers of a parent that was killed are ended, also one that does not hear; of nobody else anything`, async (t) => {
    const daemon = await fakeDaemon(t);
    const marked = { app: 'api', pm2Home: daemon.home };
    const first = await daemon.start('api', 'sh -c \'trap "" TERM; while :; do sleep 0.2; done\' & sleep 300 & wait');
    const other = await daemon.start('web', 'sleep 300 & wait');
    const workers = await until('workers', () => {
      const found = daemon.below(first);
      return found.length >= 2 ? found : null;
    });
    assert.deepEqual(await leftBehind(host, marked), [], 'nothing is left behind by what runs');

    process.kill(first, 'SIGKILL');
    await until('their parent to be gone', async () => (await startTimeOf(host, first)) === null);
    // PM2 was quicker; `ps` tells starts to the second.
    if (host.by === 'ps') await new Promise((resolve) => setTimeout(resolve, 2_000));
    const second = await daemon.start('api', 'sleep 300 & wait');
    const left = (await leftBehind(host, marked)).map(({ pid }) => pid);
    for (const pid of workers.slice(0, 2)) assert.ok(left.includes(pid), `${pid} of ${left}`);
    assert.ok(!left.includes(second) && !left.includes(other));

    await endLeftBehind(host, marked, 300);
    assert.deepEqual(await leftBehind(host, marked), []);
    for (const pid of left) assert.equal(await startTimeOf(host, pid), null);
    for (const pid of [second, other, daemon.pid]) assert.notEqual(await startTimeOf(host, pid), null);
  });

  test(`${name}: what a running app sent off is left alone, and ended with the app`, async (t) => {
    const daemon = await fakeDaemon(t);
    const marked = { app: 'api', pm2Home: daemon.home };
    const root = await daemon.start('api', '(sleep 301 &) ; sleep 302 & wait');
    await until('both', () => daemon.all().filter(({ command }) => command.startsWith('sleep 30')).length === 2);
    assert.deepEqual(await endLeftBehind(host, marked), []);
    process.kill(root, 'SIGKILL');
    await until('its root to be gone', async () => (await startTimeOf(host, root)) === null);
    assert.equal((await endLeftBehind(host, marked)).length, 2);
    assert.deepEqual(
      daemon.all().filter(({ command }) => command.startsWith('sleep 30')),
      [],
    );
  });

  test(`${name}: without a daemon nothing is said to be left behind`, async (t) => {
    const daemon = await fakeDaemon(t);
    rmSync(join(daemon.home, 'pm2.pid'));
    const root = await daemon.start('api', 'sleep 300 & wait');
    process.kill(root, 'SIGKILL');
    await until('its root to be gone', async () => (await startTimeOf(host, root)) === null);
    assert.deepEqual(await leftBehind(host, { app: 'api', pm2Home: daemon.home }), []);
  });
}

const DAEMON = `
const { spawn } = require('node:child_process');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { app, script } = JSON.parse(line);
  const env = { ...process.env, LIFEGUARD_APP: app };
  console.log(spawn('sh', ['-c', script], { detached: true, stdio: 'ignore', env }).pid);
});`;

async function fakeDaemon(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'lifeguard-home-'));
  const child: ChildProcess = spawn(process.execPath, ['-e', DAEMON], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, PM2_HOME: home },
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  writeFileSync(join(home, 'pm2.pid'), String(pid));
  t.after(async () => {
    for (const one of processesOf(home)) process.kill(one.pid, 'SIGKILL');
    await until('all of them to be gone', () => processesOf(home).length === 0);
    rmSync(home, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const all = () => processesOf(home);
  return {
    home,
    pid,
    all,
    /** As PM2 starts an app. @returns its pid */
    async start(app: string, script: string): Promise<number> {
      child.stdin?.write(`${JSON.stringify({ app, script })}\n`);
      return Number((await lines.next()).value);
    },
    /** The pids of what runs in an app's session, without itself. */
    below: (root: number) => all().flatMap((one) => (sessionOf(one.pid) === root && one.pid !== root ? [one.pid] : [])),
  };
}

function sessionOf(pid: number): number | undefined {
  return readRows([pid]).get(pid)?.session;
}
