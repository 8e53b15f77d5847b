import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { environmentOf } from '../support/environment.ts';
import { listed } from '../support/listed.ts';
import { until } from '../support/poll.ts';
import { ask, type Project, writeProject } from '../support/project.ts';
import { processesOf, ROOT, Sandbox } from '../support/sandbox.ts';

const sandbox = new Sandbox({ OF_THE_USER: 'kept', npm_config_x: 'of npm' });
let project: Project;
before(async () => {
  project = await writeProject(sandbox);
});
const begun: ChildProcess[] = [];
after(async () => {
  for (const child of begun) child.kill('SIGTERM'); // nothing, where it has ended
  await sandbox.dispose();
});
/** The command loads a compiler first. */
const PATIENT = { deadlineMs: 60_000 };

const begin = (...args: string[]) => {
  const child = spawn(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'run', ...args], { cwd: sandbox.dir, env: sandbox.env });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.text += text;
    });
  begun.push(child);
  return { child, said };
};

for (const [name, port] of [
  ['api', () => project.ports.api],
  ['workers', () => project.ports.workers],
] as const) {
  test(`lifeguard run ${name}: in the foreground as PM2 would start it, until Ctrl-C, without a daemon`, async () => {
    const { child, said } = begin(name, ...(name === 'api' ? ['--env', 'production'] : []));
    const answer = await until('an answer', () => ask(port()), PATIENT);
    assert.deepEqual([answer.colour, answer.secret], [name === 'api' ? 'gold' : 'red', 'of-the-env-file']);
    const environment = environmentOf(answer.pid);
    assert.equal(environment.get('OF_THE_USER'), 'kept');
    assert.equal(environment.get('npm_config_x'), undefined);
    assert.equal(environment.get('LIFEGUARD_APP'), undefined, 'lifeguard would take it for an orphan of its own');
    assert.ok(processesOf(sandbox.pm2Home).every(({ command }) => !command.includes('God Daemon')));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, said.text);
    assert.match(said.text, /listening \d+[\s\S]*ended\.$/m);
  });
}

test('a program with an env_file, and one that ends by itself', async () => {
  const { child } = begin('python');
  await until('an answer', async () => (await fetch(`http://127.0.0.1:${project.ports.python}/server.cjs`)).ok, PATIENT);
  child.kill('SIGTERM');
  await once(child, 'exit');
  writeFileSync(join(sandbox.dir, 'server.cjs'), "console.error('no such setting: COLOUR'); process.exit(3);");
  const { code, stderr } = await sandbox.lifeguard('run', 'api');
  assert.equal(code, 1);
  assert.match(stderr, /no such setting: COLOUR\n[\s\S]*api ended with exit code 3\./);
});

test('it is ended by its own stop_signal', async () => {
  const script =
    "console.log('up'); setInterval(() => {}, 1000); for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => { console.log('got ' + name); process.exit(0); });";
  writeFileSync(join(sandbox.dir, 'server.cjs'), script);
  project.overlay('backends:\n  - name: api\n    restart: { stop_signal: SIGTERM }\n');
  const { child, said } = begin('api');
  await until('it to be up', () => said.text.includes('up\n'), PATIENT);
  child.kill('SIGINT');
  await once(child, 'exit');
  assert.match(said.text, /got SIGTERM/);
  project.overlay('backends: []\n');
});

test('refused while it runs under PM2, and for a name that there is not', async () => {
  await writeProject(sandbox);
  assert.equal((await sandbox.pm2('start', 'ecosystem.config.ts', '--only', 'api')).code, 0);
  const { code, stderr } = await sandbox.lifeguard('run', 'api');
  assert.equal(code, 1);
  assert.match(stderr, /api runs under PM2 \(online, pid \d+\)\nnpx lifeguard stop api/);
  assert.equal((await listed(sandbox.pm2Home)).length, 1);
  assert.equal((await sandbox.lifeguard('run', 'nobody')).code, 64);
});
