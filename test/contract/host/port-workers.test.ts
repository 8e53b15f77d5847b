import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PortWorker } from '../../../src/host/host.ts';
import { lookAtWorkers, portWorkersOf } from '../../../src/host/linux/port-workers.ts';
import { killTree } from '../../../src/host/processes/kill-tree.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';

test('gunicorn: its two workers and not their parent; one that is frozen shows as stopped, while the other answers every check', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-workers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'app.py'), "def app(env, start):\n    start('200 OK', [])\n    return [b'well']\n");
  const port = await freePort();
  const pid = start(t, '/usr/bin/gunicorn', ['-w', '2', '-b', `127.0.0.1:${port}`, '--chdir', folder, 'app:app']);
  const workers = await until('two workers', () => two(workersOn(port, [pid]).filter(({ role }) => role === 'worker')));
  assert.ok(workers.every((worker) => worker.shared && worker.pid !== pid));

  const [victim] = workers;
  process.kill(victim?.pid ?? 0, 'SIGSTOP');
  await until('one of them to be stopped', () => lookAtWorkers(workers)[0]?.state === 'T');
  for (let times = 0; times < 10; times++) assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
  process.kill(victim?.pid ?? 0, 'SIGCONT');
  await until('it to go on', () => lookAtWorkers(workers)[0]?.state !== 'T');
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await until('it to be gone', () => lookAtWorkers(workers).length === 1);
  await until('its parent to make another', () =>
    workersOn(port, [pid]).some((worker) => !workers.some((one) => one.pid === worker.pid)),
  );
});

test('SO_REUSEPORT: each has a queue of its own, and that of a frozen one is seen to grow', async (t) => {
  const port = await freePort();
  const code = `
import os, socket
os.fork()
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', ${port})); s.listen(64)
while True: s.accept()[0].close()`;
  const pid = start(t, 'python3', ['-c', code]);
  // The parent serves as well here, on a socket that its child does not have.
  const both = await until('two', () => two(workersOn(port, [pid])));
  assert.ok(both.every(({ shared, waiting }) => !shared && waiting === 0));
  const victim = both.find((worker) => worker.pid !== pid)?.pid ?? 0;
  process.kill(victim, 'SIGSTOP');
  const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.after(() => sockets.map((socket) => socket.destroy()));
  await until('its queue to grow', () => workersOn(port, [pid]).some((worker) => worker.pid === victim && worker.waiting > 2));
  assert.equal(workersOn(port, [pid]).find((worker) => worker.pid === pid)?.waiting, 0);
});

test("Node's cluster: its two workers, though they listen nowhere, and their parent; nobody elsewhere", async (t) => {
  const port = await freePort();
  const code = `const cluster = require('node:cluster');
    if (cluster.isPrimary) { cluster.fork(); cluster.fork(); }
    else require('node:http').createServer((_, r) => r.end('well')).listen(${port}, '127.0.0.1')`;
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-cluster-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'server.cjs'), code);
  const pid = start(t, process.execPath, [join(folder, 'server.cjs')]);
  const found = await until('all three', () => {
    const all = workersOn(port, [pid]);
    return all.length === 3 ? all : null;
  });
  assert.deepEqual(found.map(({ role }) => role).sort(), ['parent', 'worker', 'worker']);
  assert.equal(found.find(({ role }) => role === 'parent')?.pid, pid);
  const pids = found.filter(({ role }) => role === 'worker').map((one) => one.pid);
  assert.deepEqual(
    workersOn(null, pids).map(({ role }) => role),
    ['worker', 'worker'],
    'what PM2 runs as a cluster',
  );
  process.kill(pid, 'SIGSTOP');
  await until('the parent to be stopped', () =>
    lookAtWorkers(found).some(({ role, state }) => role === 'parent' && state === 'T'),
  );
  process.kill(pid, 'SIGCONT');
  assert.deepEqual(workersOn(port, [process.pid].slice(1)), [], 'of no tree, nobody');
});

function workersOn(port: number | null, pids: readonly number[]): PortWorker[] {
  return portWorkersOf([{ port, pids }])[0] ?? [];
}

function start(t: TestContext, program: string, args: readonly string[]): number {
  const child = spawn(program, args, { detached: true, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  t.after(async () => {
    await killTree(thisHost(process.env), pid, 'SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return pid;
}

function two<T>(found: readonly T[]): readonly T[] | null {
  return found.length === 2 ? found : null;
}
