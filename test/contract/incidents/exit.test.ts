import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endOrphan } from '../../../src/host/orphans/end-orphan.ts';
import { type Holder, holderOf as holder, type PortClaim } from '../../../src/host/ports/port-owner.ts';
import { startTimeOf } from '../../../src/host/processes/is-alive.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import { type EndedProcess, exitInfoOf } from '../../../src/incidents/exit-cause.ts';
import { connectPm2 } from '../../../src/pm2/daemon/client.ts';
import type { Pm2Client, Pm2Process } from '../../../src/pm2/types.ts';
import { explainExit } from '../../../src/policy/telling/explain-exit.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { ROOT, Sandbox } from '../../support/sandbox.ts';

const host = thisHost(process.env);
const holderOf = (port: number, claim: PortClaim): Promise<Holder | null> => holder(host, port, claim);

let sandbox: Sandbox;
let client: Pm2Client | null = null;
before(() => {
  sandbox = new Sandbox();
});
after(() => {
  client?.close();
  return sandbox.dispose();
});

test('why a process ended, told from the logs of a real PM2', async () => {
  const code = `const fs = require('node:fs');
    fs.writeSync(2, 'INFO: up\\n');
    process.on('SIGUSR2', () => { fs.writeSync(2, 'Error: listen EADDRINUSE: address already in use :::5555\\nINFO: bye\\n'); process.exit(3); });
    setInterval(() => {}, 1e6);`;
  await start('talker', process.execPath, '-e', code);
  assert.deepEqual(await ending('talker', 'SIGUSR2'), {
    code: 3,
    signal: null,
    oom: false,
    lastError: 'Error: listen EADDRINUSE: address already in use :::5555',
  });
  const killed = await ending('talker', 'SIGKILL');
  assert.deepEqual([killed.code, killed.signal, killed.oom], [null, 'SIGKILL', false]);
  assert.match(explainExit(killed), /SIGKILL/);
  const outOfMemory = await ending('talker', 'SIGKILL', true);
  assert.equal(outOfMemory.oom, true);
  const crashed = await ending('talker', 'SIGSEGV');
  assert.deepEqual([crashed.code, crashed.signal], [null, 'SIGSEGV']);
  assert.equal((await ending('talker', 'SIGINT')).signal, null);
});

test('an old error log is nothing of this process', async () => {
  const quiet = await find('talker');
  const info = await exitInfoOf({ ...endedAs(quiet), startedAt: Date.now() + 60_000 });
  assert.equal(info.lastError, null);
  const unknown = await exitInfoOf({ ...endedAs(quiet), name: 'never', exitCode: 7, pm2Home: '/nowhere', errorFile: '/nowhere' });
  assert.deepEqual(unknown, { code: 7, signal: null, oom: false, lastError: null });
});

test('a daemon that died leaves an orphan on the port; a new one’s own process is none', async () => {
  const port = await freePort();
  const code = `require('node:net').createServer().listen(${port}, '127.0.0.1'); process.on('disconnect', () => {});`;
  await start('server', process.execPath, '-e', code);
  const marked = { app: 'server', pm2Home: sandbox.pm2Home };
  const { pid } = await find('server');
  await until('the listener', async () => (await holderOf(port, { ...marked, app: 'other', ownPids: [] }))?.pid === pid);
  assert.equal(await holderOf(port, { ...marked, ownPids: [] }), null);
  assert.equal(await endOrphan(host, pid, marked), 'not-ours');

  await client?.delete((await find('talker')).pmId);
  client?.close();
  const daemon = Number(readFileSync(join(sandbox.pm2Home, 'pm2.pid'), 'utf8'));
  process.kill(daemon, 'SIGKILL');
  await until('the daemon to end', async () => (await startTimeOf(host, daemon)) === null);
  assert.deepEqual(await holderOf(port, { ...marked, ownPids: [] }).then((holder) => holder && [holder.kind, holder.pid]), [
    'orphan',
    pid,
  ]);
  await pm2('ping');
  assert.equal((await holderOf(port, { ...marked, ownPids: [] }))?.kind, 'orphan');
  assert.match(await endOrphan(host, pid, marked), /stopped/);
  assert.equal(await holderOf(port, { ...marked, ownPids: [] }), null);
});

function pm2(...args: string[]) {
  return sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), ...args]);
}

/** As a plain program, without PM2's own code in it. */
async function start(name: string, program: string, ...args: string[]): Promise<void> {
  const env = { ...sandbox.env, LIFEGUARD_APP: name };
  const command = ['start', program, '--name', name, '--interpreter', 'none', '--', ...args];
  const { code, stderr } = await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), ...command], { env });
  assert.equal(code, 0, stderr);
}

async function find(name: string): Promise<Pm2Process> {
  client ??= await connectPm2(sandbox.pm2Home);
  const found = (await client.list()).find((listed) => listed.name === name);
  assert.ok(found);
  return found;
}

/** Sends the signal, waits for PM2's next incarnation, and asks why the one before ended. */
async function ending(name: string, signal: NodeJS.Signals, struck = false) {
  const before = await until('it to be up', async () => {
    const listed = await find(name);
    const ups = readFileSync(listed.errorFile, 'utf8').split('INFO: up').length - 1;
    return ups === listed.restarts + 1 && listed.status === 'online' && listed;
  });
  process.kill(before.pid, signal);
  await until('its end', async () => (await startTimeOf(host, before.pid)) === null);
  await until('the next', async () => (await find(name)).pid !== before.pid);
  return exitInfoOf({ ...endedAs(before), takeOomKill: () => struck });
}

function endedAs({ pmId, name, startedAt, errorFile }: Pm2Process): EndedProcess {
  return { pmId, name, startedAt, errorFile, exitCode: 0, takeOomKill: () => false, pm2Home: sandbox.pm2Home };
}
