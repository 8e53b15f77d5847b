// The launcher of what waits: it becomes the program when its gate is open for the daemon that started it, and no sooner.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonId, readGate, readRecord, recordFile, writeGate } from '../../src/pm2/gate/gate-file.ts';
import { ROOT } from '../support/sandbox.ts';

const LAUNCHER = join(ROOT, 'bin/start-gate.sh');
/** It looks five times a second: so long it has looked at its gate. */
const LOOKED_MS = 700;

suite('the launcher of what waits', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lifeguard-gate-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const daemon = process.pid;

  test('becomes the program: same pid, arguments as they were', async () => {
    const gate = join(dir, 'a b.gate');
    const program = `process.stdout.write(JSON.stringify([process.pid, ...process.argv.slice(1)]))`;
    const { child, ended } = launch(gate, process.execPath, '-e', program, '--', '$(id) *', "it's", '');
    await sleep(LOOKED_MS);
    assert.equal(child.exitCode, null, 'it waits');
    writeGate(gate, 'open', daemon);
    assert.deepEqual(JSON.parse((await ended).out), [child.pid, '$(id) *', "it's", '']);
  });

  test('an open gate is no wait; one that was asked for, or was opened for another daemon, is closed', async () => {
    const gate = join(dir, 'b.gate');
    writeGate(gate, 'open', daemon);
    assert.equal((await launch(gate, '/bin/echo', 'through').ended).out, 'through\n');
    for (const said of [`asked ${daemonId(daemon)}`, `open ${daemonId(daemon)}0`, `open ${daemonId(1)}`, 'open', '']) {
      writeFileSync(gate, `${said}\n`);
      assert.notEqual(readGate(gate, daemon), 'open', said);
      const { child, ended } = launch(gate, '/bin/echo', 'through');
      await sleep(LOOKED_MS);
      assert.equal(child.exitCode, null, `it waits at '${said}'`);
      child.kill('SIGKILL');
      assert.equal((await ended).out, '');
    }
  });

  test('a job leaves word that it ended well, and of nothing else', async () => {
    const gate = join(dir, 'job.gate');
    writeGate(gate, 'open', daemon);
    const run = (script: string) =>
      launch(gate, '/bin/sh', join(ROOT, 'bin/run-once.sh'), recordFile(gate), process.execPath, '-e', script);
    const codeOf = async ({ child, ended }: ReturnType<typeof run>) => ended.then(() => child.exitCode);
    assert.equal(await codeOf(run('process.exit(3)')), 3);
    assert.equal(readRecord(gate, daemon), 'never');
    assert.equal(await codeOf(run('0')), 0);
    assert.equal(readRecord(gate, daemon), 'now');
    assert.equal(readRecord(gate, 1), 'before', 'not for another daemon');
    assert.equal(await codeOf(run('process.kill(process.pid, "SIGKILL")')), 137);
    assert.equal(readRecord(gate, daemon), 'never', 'its last run is what counts');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    test(`${signal} ends it while it waits`, async () => {
      const { child, ended } = launch(join(dir, 'never.gate'), '/bin/echo', 'through');
      await sleep(LOOKED_MS / 2);
      child.kill(signal);
      assert.equal((await ended).out, '');
      assert.ok(child.exitCode !== null || child.signalCode !== null);
    });

  function launch(gate: string, ...program: string[]): { child: ChildProcess; ended: Promise<{ out: string }> } {
    const child = spawn('/bin/sh', [LAUNCHER, gate, ...program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    return { child, ended: once(child, 'close').then(() => ({ out })) };
  }
});
