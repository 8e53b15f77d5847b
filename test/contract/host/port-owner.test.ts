import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { endOrphan } from '../../../src/host/orphans/end-orphan.ts';
import { holderOf, listenerOf } from '../../../src/host/ports/port-owner.ts';
import { startTimeOf } from '../../../src/host/processes/is-alive.ts';
import { HOSTS } from '../../support/hosts.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { startListener, startProgram } from '../../support/program.ts';
import { ROOT } from '../../support/sandbox.ts';

for (const [name, host] of HOSTS) {
  test(`${name}: a free port has no holder`, async () => {
    const port = await freePort();
    assert.equal(await listenerOf(host, port), null);
    assert.equal(await holderOf(host, port, { app: 'api', pm2Home: '/nowhere', ownPids: [] }), null);
  });

  for (const address of ['127.0.0.1', '0.0.0.0', '::', '::1']) {
    test(`${name}: a stranger's listener on ${address} is found, with pid and command line`, async (t) => {
      const stranger = await startListener(t, { host: address });
      const holder = await holderOf(host, stranger.port, { app: 'api', pm2Home: '/nowhere', ownPids: [] });
      assert.equal(holder?.kind, 'stranger');
      assert.equal(holder.pid, stranger.pid);
      assert.match(holder.command, /node.* -e const server/);
    });
  }

  test(`${name}: a port that is held by a worker below one of the app’s own processes is not taken`, async (t) => {
    const code = `const server = require('node:net').createServer().listen(0, () => console.log(server.address().port))`;
    const parent = await startProgram(t, 'sh', ['-c', `"${process.execPath}" -e "${code}"; true`]);
    const port = Number(parent.firstLine);
    assert.equal(await holderOf(host, port, { app: 'api', pm2Home: '/nowhere', ownPids: [parent.pid] }), null);
    assert.equal((await holderOf(host, port, { app: 'api', pm2Home: '/nowhere', ownPids: [] }))?.kind, 'stranger');
  });

  test(`${name}: a client of the port is no holder of it`, async (t) => {
    const server = await startListener(t, { also: `server.on('connection', () => server.close());` });
    const client = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => client.once('connect', resolve));
    t.after(() => client.destroy());
    // The server closes its listener on the first connection; the connection itself stays open.
    await until('the listener to be gone', async () => (await listenerOf(host, server.port)) === null);
    assert.equal(client.destroyed, false);
  });

  test(`${name}: our own process that PM2 lost is an orphan, and is ended`, async (t) => {
    const marked = { app: 'api', pm2Home: home(t) };
    const env = { LIFEGUARD_APP: 'api', PM2_HOME: marked.pm2Home };
    const polite = await startListener(t, { env });
    const claim = { ...marked, ownPids: [] };
    assert.deepEqual(await holderOf(host, polite.port, claim).then((holder) => holder?.kind), 'orphan');
    assert.equal((await holderOf(host, polite.port, { ...claim, app: 'other' }))?.kind, 'stranger');
    assert.equal((await holderOf(host, polite.port, { ...claim, pm2Home: '/elsewhere' }))?.kind, 'stranger');
    assert.equal(await endOrphan(host, polite.pid, { ...marked, app: 'other' }), 'not-ours');
    assert.equal(await endOrphan(host, polite.pid, marked), 'stopped');
    assert.equal(await holderOf(host, polite.port, claim), null);

    const stubborn = await startListener(t, { env, also: `process.on('SIGTERM', () => {})` });
    assert.equal(await endOrphan(host, stubborn.pid, marked, 200), 'killed');
    assert.equal(await startTimeOf(host, stubborn.pid), null);
    assert.equal(await endOrphan(host, stubborn.pid, marked), 'gone');
  });

  test(`${name}: a lost worker is ended with the lost parent that would start another`, async (t) => {
    const marked = { app: 'api', pm2Home: home(t) };
    const code = `const server = require('node:net').createServer().listen(0, () => console.log(server.address().port))`;
    const parent = await startProgram(t, 'sh', ['-c', `while :; do "${process.execPath}" -e "${code}"; done`], {
      LIFEGUARD_APP: 'api',
      PM2_HOME: marked.pm2Home,
    });
    const holder = await holderOf(host, Number(parent.firstLine), { ...marked, ownPids: [] });
    assert.notEqual(holder?.pid, parent.pid);
    assert.match(await endOrphan(host, holder?.pid ?? 0, marked), /stopped|killed/);
    assert.equal(await startTimeOf(host, parent.pid), null);
  });

  test(`${name}: what a living PM2 daemon has below it is no orphan, listed or not yet`, async (t) => {
    const marked = { app: 'api', pm2Home: home(t) };
    writeFileSync(join(marked.pm2Home, 'pm2.pid'), String(process.pid));
    const young = await startListener(t, { env: { LIFEGUARD_APP: 'api', PM2_HOME: marked.pm2Home } });
    assert.equal(await holderOf(host, young.port, { ...marked, ownPids: [] }), null);
    assert.equal(await endOrphan(host, young.pid, marked), 'not-ours');
    assert.notEqual(await startTimeOf(host, young.pid), null);
  });
}

test('a process of another user is named by its user', { skip: !canBecomeNobody() }, async (t) => {
  const roots = await startListener(t);
  const script = `import { listenerOf } from '${ROOT}src/host/ports/port-owner.ts';
    import { thisHost } from '${ROOT}src/host/this-host.ts';
    for (const LIFEGUARD_HOST of ['linux', 'portable'])
      console.log(JSON.stringify(await listenerOf(thisHost({ LIFEGUARD_HOST }), ${roots.port})))`;
  const seen = asNobody(['--import', 'tsx', '--input-type=module', '-e', script]);
  const said = seen.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(said, [
    { pid: null, command: 'a process of user root' },
    { pid: null, command: 'a process of another user' },
  ]);
});

function home(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'lifeguard-home-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function asNobody(args: readonly string[]) {
  const env = { PATH: process.env.PATH, TMPDIR: '/tmp' };
  const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, ...args];
  return spawnSync('setpriv', as, { cwd: ROOT, encoding: 'utf8', env });
}

/** Only root may, and the sources have to be readable for everybody. */
function canBecomeNobody(): boolean {
  return (
    process.getuid?.() === 0 && asNobody(['-e', `require('fs').accessSync('${ROOT}src/host/ports/port-owner.ts')`]).status === 0
  );
}
