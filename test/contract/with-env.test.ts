import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../support/sandbox.ts';

const dir = mkdtempSync(join(tmpdir(), 'lifeguard-env-'));
const file = join(dir, '.env');
writeFileSync(file, 'A="of the file"\nB=of the file\n');
after(() => rmSync(dir, { recursive: true }));

/** Runs `node -e SCRIPT` by way of the wrapper. `ready` resolves with its first output. */
function wrapped(script: string, envFile = file) {
  const args = [join(ROOT, 'bin/with-env.js'), envFile, process.execPath, '-e', script];
  const child = spawn(process.execPath, args, { env: { ...process.env, B: 'set already' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { child, ended, ready: once(child.stdout, 'data') };
}

test('the variables of the file, behind those that are set; the exit status is passed on', async () => {
  const end = await wrapped('console.log(process.env.A, process.env.B); process.exit(3)').ended;
  assert.deepEqual(end, { code: 3, signal: null, output: 'of the file set already\n' });
});

test('SIGTERM reaches the program, which may end in its own way', async () => {
  const run = wrapped("process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1e3); console.log('up')");
  await run.ready;
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 5);
});

test('a program that is killed: so is the wrapper, as far as anybody can see', async () => {
  const run = wrapped("process.kill(process.pid, 'SIGKILL')");
  assert.deepEqual([(await run.ended).code, (await run.ended).signal], [null, 'SIGKILL']);
});

test('a file that is not there is told', async () => {
  const { code, output } = await wrapped('', join(dir, 'nothing')).ended;
  assert.equal(code, 78);
  assert.match(output, /^error: the env_file cannot be read: ENOENT/);
});
