import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { idOfPath } from '../../../src/host/file-id.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import { OpenLook } from '../../../src/logs/holding/open-look.ts';
import { HOSTS } from '../../support/hosts.ts';
import { startNode } from '../../support/program.ts';
import { ROOT } from '../../support/sandbox.ts';

/** Another user is only to be had by root. */
const may = process.getuid?.() === 0;

for (const [name, host] of HOSTS) {
  test(`${name}: a file is held under whatever name, free once it is closed, and nobody holds one that is not there`, async (t) => {
    const file = join(folder(t), 'a.log');
    const program = await startNode(
      t,
      `const fs = require('node:fs'); const fd = fs.openSync(${JSON.stringify(file)}, 'a');
       process.on('SIGUSR2', () => { fs.closeSync(fd); console.log('closed'); }); setInterval(() => {}, 1e6); console.log('open');`,
    );
    const id = idOfPath(file) ?? '';
    const hold = async () => (await OpenLook.at(host, [program.pid])).hold(id);
    assert.equal(await hold(), 'held');
    renameSync(file, `${file}.1`);
    assert.equal(await hold(), 'held', 'renamed');
    unlinkSync(`${file}.1`);
    assert.equal(await hold(), 'held', 'removed');
    const closed = once(program.child.stdout ?? program.child, 'data');
    process.kill(program.pid, 'SIGUSR2');
    await closed;
    assert.equal(await hold(), 'free');
    const look = await OpenLook.at(host, [2 ** 22 + 1]);
    assert.equal(look.hold(id), 'free', 'a process that is gone');
    assert.equal(look.hold(id, [program.pid]), 'unknown', 'one that was not looked at');
  });

  test(`${name}: who writes to a file, and whether he appends`, async (t) => {
    const file = join(folder(t), 'b.log');
    writeFileSync(file, '');
    const writer = (flags: string) =>
      startNode(
        t,
        `require('node:fs').openSync(${JSON.stringify(file)}, '${flags}'); console.log('open'); setInterval(() => {}, 1e6)`,
      );
    assert.deepEqual(await host.writersOf(file), []);
    const [appending, writing] = [await writer('a'), await writer('r+')];
    await writer('r');
    const found = [...((await host.writersOf(file)) ?? [])].sort((a, b) => a.pid - b.pid);
    const expected = [
      { pid: appending.pid, appends: true },
      { pid: writing.pid, appends: false },
    ];
    assert.deepEqual(
      found,
      expected.sort((a, b) => a.pid - b.pid),
    );
  });

  test(`${name}: the environment that a process was started with, not what its arguments say`, async (t) => {
    const code = `console.log('up'); setInterval(() => {}, 1e6)`;
    const marked = await startNode(t, code, { LIFEGUARD_APP: 'api', PM2_HOME: '/home/of a pm2' });
    const environment = await host.environmentOf(marked.pid);
    assert.deepEqual([environment?.get('LIFEGUARD_APP'), environment?.get('PM2_HOME')], ['api', '/home/of a pm2']);
    const pretender = await startNode(t, `'LIFEGUARD_APP=api'; ${code}`);
    assert.equal((await host.environmentOf(pretender.pid))?.get('LIFEGUARD_APP'), undefined);
    assert.match((await host.argumentsOf(pretender.pid))?.join(' ') ?? '', /LIFEGUARD_APP=api/);
    assert.equal(await host.environmentOf(2 ** 22 + 1), null);
  });

  test(`${name}: a process that may not be looked into is not known: neither held nor free`, {
    skip: may ? false : 'not root',
  }, async (t) => {
    const file = join(folder(t), 'c.log');
    writeFileSync(file, '');
    const holder = await startNode(
      t,
      `require('node:fs').openSync(${JSON.stringify(file)}, 'r'); console.log('open'); setInterval(() => {}, 1e6)`,
    );
    const script = `import { OpenLook } from '${ROOT}src/logs/holding/open-look.ts';
      import { thisHost } from '${ROOT}src/host/this-host.ts';
      const look = await OpenLook.at(thisHost({ LIFEGUARD_HOST: '${host.by === 'proc' ? 'linux' : 'portable'}' }), [${holder.pid}, process.pid]);
      console.log(look.hold('${idOfPath(file)}'), look.isWholeOf([${holder.pid}]));`;
    assert.equal(await asNobody(script), 'unknown false');
  });
}

test('which making is taken: by the system, or by LIFEGUARD_HOST; another word is a mistake', () => {
  assert.equal(thisHost({}, 'linux').by, 'proc');
  assert.equal(thisHost({}, 'darwin').by, 'ps');
  assert.equal(thisHost({ LIFEGUARD_HOST: 'portable' }, 'linux').by, 'ps');
  assert.throws(() => thisHost({ LIFEGUARD_HOST: 'mac' }), /LIFEGUARD_HOST is 'mac'/);
});

async function asNobody(script: string): Promise<string> {
  const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '--import', 'tsx', '--input-type=module'];
  const child = spawn('setpriv', [...as, '-e', script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TMPDIR: '/tmp' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  return said.trim();
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'lifeguard-host-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}
