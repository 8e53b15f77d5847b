import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BackendInput } from '../../../src/config/input.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { declareBackend } from '../../../src/ecosystem/app.ts';
import type { Machine } from '../../../src/ecosystem/machine.ts';
import { binFile } from '../../../src/ecosystem/package-root.ts';
import { problemsOf } from '../../../src/ecosystem/problems.ts';

const dir = mkdtempSync(join(tmpdir(), 'lifeguard-app-'));
after(() => rmSync(dir, { recursive: true }));
mkdirSync(join(dir, 'venv/bin'), { recursive: true });
for (const file of ['server.js', 'server.ts', 'server.py', 'main.py', '.env']) writeFileSync(join(dir, file), '');
mkdirSync(join(dir, 'lib'));
writeFileSync(join(dir, 'lib/elsewhere.py'), '');
writeFileSync(join(dir, 'python.env'), `PYTHONPATH=${join(dir, 'lib')}\n`);
for (const file of ['uvicorn', 'gunicorn', 'python3'])
  writeFileSync(join(dir, 'venv/bin', file), '#!/usr/bin/python3\n', { mode: 0o755 });

type Definition = BackendInput;

const machine = (stripsTypes = false): Machine => ({
  node: 'node',
  stripsTypes,
  pm2Home: '/home/me/.pm2',
  locate: (program, cwd) =>
    program.startsWith('/')
      ? program
      : ['uvicorn', 'gunicorn', 'python3'].includes(program)
        ? join(cwd, 'venv/bin', program)
        : null,
});

function backend(definition: Omit<Definition, 'name'>) {
  const file = join(dir, 'ecosystem.config.ts');
  const config = loadConfig({
    file,
    typescript: { backends: [{ name: 'api', health: { liveness: null }, ...definition }] },
    env: {},
    cwd: dir,
  });
  const [only] = config.backends;
  assert.ok(only);
  return only;
}

const declare = (definition: Omit<Definition, 'name'>, on = machine()) => declareBackend(backend(definition), on);

test('a Python program: itself, unbuffered, its port exported, a log pair, PM2 as the fallback', () => {
  assert.deepEqual(declare({ run: { command: 'uvicorn main:app --port 5555' }, port: 5555 }), {
    name: 'api',
    script: join(dir, 'venv/bin/uvicorn'),
    interpreter: 'none',
    node_args: [],
    args: ['main:app', '--port', '5555'],
    cwd: dir,
    exec_mode: 'fork',
    env: { LIFEGUARD_APP: 'api', PORT: '5555', PYTHONUNBUFFERED: '1' },
    autorestart: true,
    exp_backoff_restart_delay: 100,
    max_restarts: 2_147_483_647,
    kill_timeout: 10_000,
    treekill: true,
    pmx: false,
    out_file: join(dir, 'logs/api.log'),
    error_file: join(dir, 'logs/api.error.log'),
    merge_logs: true,
  });
});

test('a Node script goes through PM2 itself; an env_file is read by Node', () => {
  const app = declare({ run: { script: 'server.js', args: ['a b'], env_file: '.env' } });
  assert.deepEqual([app.script, app.interpreter, app.args], [join(dir, 'server.js'), 'node', ['a b']]);
  assert.deepEqual(app.node_args, [`--env-file=${join(dir, '.env')}`]);
});

test("TypeScript: Node's own stripping where there is, tsx in the same process where not, or where it is asked for", () => {
  const tsx = ['--import', binFile('typescript.js')];
  assert.deepEqual(declare({ run: { script: 'server.ts' } }).node_args, tsx);
  assert.deepEqual(declare({ run: { script: 'server.ts' } }, machine(true)).node_args, []);
  const named = declare({ run: { script: 'server.ts', interpreter: 'tsx' } }, machine(true));
  assert.deepEqual([named.interpreter, named.node_args], ['node', tsx]);
});

test('a cluster of Node workers: as many as said, replaced only when the next one listens', () => {
  const app = declare({ run: { script: 'server.js', instances: 2 }, health: { liveness: null, startup_timeout: '30s' } });
  assert.deepEqual([app.exec_mode, app.instances, app.listen_timeout], ['cluster', 2, 30_000]);
});

test('other scripts are arguments of their interpreter; an env_file of theirs is read by a wrapper', () => {
  const app = declare({ run: { script: 'server.py', args: ['x'] } });
  assert.deepEqual(
    [app.script, app.interpreter, app.args],
    [join(dir, 'venv/bin/python3'), 'none', [join(dir, 'server.py'), 'x']],
  );
  const wrapped = declare({ run: { command: 'uvicorn main:app', env_file: '.env' } });
  assert.equal(wrapped.script, process.execPath);
  assert.deepEqual(wrapped.args, [binFile('with-env.js'), join(dir, '.env'), join(dir, 'venv/bin/uvicorn'), 'main:app']);
  assert.equal(wrapped.env.PYTHONUNBUFFERED, '1');
});

test('no restart of crashes by PM2 where restart.on leaves them out', () => {
  const app = declare({ run: { script: 'server.js' }, restart: { on: ['503'] } });
  assert.deepEqual([app.autorestart, app.exp_backoff_restart_delay], [false, undefined]);
});

const wrong: [string, Omit<Definition, 'name'>, RegExp, 'guess'?][] = [
  ['program, with a near one', { run: { command: 'uvicorm main:app' } }, /no program uvicorm .*PATH\. Did you mean uvicorn\?/],
  [
    'program by its path',
    { run: { command: 'venv/bin/uvicorm main:app' } },
    /no program venv\/bin\/uvicorm in .*Did you mean uvicorn\?/,
  ],
  ['Python module', { run: { command: 'uvicorn mian:app' } }, /no Python module mian in /, 'guess'],
  ['Python script', { run: { command: 'python3 serve.py' } }, /no serve\.py in /],
  ['port', { run: { command: 'uvicorn main:app --port 5556' }, port: 5555 }, /listens on port 5556, but port is 5555/, 'guess'],
  ['script', { run: { script: 'sever.js' } }, /no script .*sever\.js\. Did you mean server\.js\?/],
  ['folder', { run: { script: 'server.js', cwd: 'nowhere' } }, /run\.cwd is no folder/],
  ['env_file', { run: { script: 'server.js', env_file: '.evn' } }, /run\.env_file is not there/],
];
for (const [what, definition, message, guess] of wrong) {
  test(`told before anything starts: a wrong ${what}`, () => {
    const locate: Machine['locate'] = (program, cwd) => {
      const found = machine().locate(program, cwd);
      return found?.includes('uvicorm') ? null : found;
    };
    const problems = problemsOf(backend(definition), { ...machine(), locate });
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0]?.text ?? '', message);
    assert.equal(problems[0]?.certain, guess === undefined);
  });
}

const right: [string, Omit<Definition, 'name'>][] = [
  ['the same port', { run: { command: 'uvicorn main:app --port 5555' }, port: 5555 }],
  ['a module of the system', { run: { command: 'python3 -m http.server' } }],
  ['gunicorn -p app.pid: a pid file, no port', { run: { command: 'gunicorn -p app.pid main:app' }, port: 5555 }],
  ['one of several addresses', { run: { command: 'gunicorn -b unix:/run/x.sock -b 127.0.0.1:5555 main:app' }, port: 5555 }],
  ['a module found through PYTHONPATH in env_file', { run: { command: 'uvicorn elsewhere:app', env_file: 'python.env' } }],
  ['a module found through --pythonpath', { run: { command: 'gunicorn --pythonpath lib elsewhere:app' } }],
  ["python's own options before a script", { run: { command: 'python3 -W ignore main.py' } }],
];
for (const [what, definition] of right) {
  test(`told before anything starts: nothing of ${what}`, () => assert.deepEqual(problemsOf(backend(definition), machine()), []));
}

test('LIFEGUARD_BEAT is set where a heartbeat is heard at a socket, and nowhere else', () => {
  const heard = (liveness: NonNullable<Definition['health']>['liveness']) =>
    declare({ run: { script: 'server.js' }, port: 5555, health: { liveness } }).env?.LIFEGUARD_BEAT;
  assert.equal(heard({ heartbeat: {} }), '/home/me/.pm2/lifeguard/beat-api.sock');
  assert.equal(heard({ heartbeat: { file: 'beat' } }), undefined);
  assert.equal(heard('/health'), undefined);
});

test('a check whose command is not there is told before anything starts', () => {
  const definition = { run: { command: 'uvicorn main:app' }, health: { liveness: { exec: { command: 'celry inspect ping' } } } };
  assert.match(JSON.stringify(problemsOf(backend(definition), machine())), /health\.liveness: there is no program celry/);
});
