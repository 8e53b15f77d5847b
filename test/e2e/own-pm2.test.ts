import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectPm2 } from '../../src/pm2/daemon/client.ts';
import type { BusEvent } from '../../src/pm2/types.ts';
import { environmentOf, foreignVariables } from '../support/environment.ts';
import { listed } from '../support/listed.ts';
import { until } from '../support/poll.ts';
import { ask, type Project, writeProject } from '../support/project.ts';
import { processesOf, Sandbox } from '../support/sandbox.ts';

/** As `npm start` in a terminal would have it: none of npm's or the terminal's own may reach an app. */
const sandbox = new Sandbox({
  ...{ npm_execpath: '/usr/lib/npm', npm_config_cache: '/x', INIT_CWD: '/', PM2_PROGRAMMATIC: 'true', OF_THE_USER: 'kept' },
  ...{ pm_id: '7', TERM: 'xterm', SSH_TTY: '/dev/pts/9', LIFEGUARD_CONFIG: '', SECRET: 'exported at the first start' },
});
let project: Project;

before(async () => {
  project = await writeProject(sandbox);
});
after(() => sandbox.dispose());

async function pm2(line: string) {
  const result = await sandbox.pm2(...line.split(' '));
  assert.equal(result.code, 0, `pm2 ${line}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** The one configuration that lifeguard has; fails where it has several. */
function configFile(): string | undefined {
  const folder = join(sandbox.pm2Home, 'lifeguard/lifeguard');
  const [file, ...others] = readdirSync(folder).filter((name) => name.startsWith('config-'));
  assert.deepEqual(others, []);
  return file && join(folder, file);
}

const up = (port: number) => until(`an answer on ${port}`, () => ask(port));
const pids = async () =>
  Object.fromEntries((await listed(sandbox.pm2Home)).map(({ name, pmId, pid }) => [`${name} ${pmId}`, pid]));

test('a mistake in the configuration: told with its place, status 1, no stack, no daemon', async () => {
  project.overlay('backends:\n  - name: api\n    prot: 5555\n');
  const { code, stderr } = await sandbox.pm2('start', 'ecosystem.config.ts');
  assert.equal(code, 1);
  assert.match(stderr, /backend\.yaml:3:5/);
  assert.doesNotMatch(stderr, /\n {4}at /);
  assert.equal(existsSync(sandbox.pm2Home), false);
  project.overlay('backends:\n  - name: api\n    run: { command: venv/bin/uvicorn main:app }\n');
  const missing = await sandbox.pm2('start', 'ecosystem.config.ts');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^api: there is no program venv\/bin\/uvicorn in /);
  assert.equal(existsSync(sandbox.pm2Home), false);
  project.overlay('');
});

test('a bare pm2 start: every kind of backend runs, with lifeguard', async () => {
  const output = await pm2('start');
  assert.match(output, /api: started[\s\S]*lifeguard: started/);
  assert.equal((await up(project.ports.api)).secret, 'of-the-env-file');
  assert.equal((await up(project.ports.workers)).secret, 'of-the-env-file');
  await until('the Python program', () => fetch(`http://127.0.0.1:${project.ports.python}/server.cjs`).then(({ ok }) => ok));
  assert.deepEqual((await listed(sandbox.pm2Home)).map(({ name, status, execMode }) => `${name} ${status} ${execMode}`).sort(), [
    'api online fork',
    'lifeguard online fork',
    'python online fork',
    'workers online cluster',
    'workers online cluster',
  ]);
  const logs = await until('its log', () => readFileSync(join(sandbox.dir, 'logs/api.log'), 'utf8'));
  assert.match(logs, /^listening \d+\n$/);
});

test("an app's environment: the user's and its own, nothing of the launcher's", async () => {
  for (const { name, pid } of (await listed(sandbox.pm2Home)).filter((app) => app.execMode === 'fork')) {
    const environment = environmentOf(pid);
    assert.equal(environment.get('OF_THE_USER'), 'kept');
    assert.equal(environment.get('LIFEGUARD_APP'), name);
    assert.equal(environment.get('PM2_HOME'), sandbox.pm2Home);
    assert.deepEqual(foreignVariables(environment, ['OF_THE_USER']), []);
  }
});

test('what lifeguard is told lies in a file of its own, for this user alone', () => {
  const file = configFile() ?? '';
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700);
  const config = JSON.parse(readFileSync(file, 'utf8')) as { backends: { name: string }[] };
  assert.deepEqual(
    config.backends.map(({ name }) => name),
    ['api', 'workers', 'python'],
  );
});

test('the same again changes nothing, and says so', async () => {
  const was = await pids();
  assert.match(await pm2('start ecosystem.config.ts'), /nothing changed for api, workers, python, lifeguard/);
  assert.deepEqual(await pids(), was);
});

test('a change is applied to what it concerns; workers are replaced without a failed request', async () => {
  const was = await pids();
  let failed = 0;
  let asking = true;
  const asker = (async () => {
    while (asking) await ask(project.ports.workers).catch(() => failed++);
  })();
  project.overlay('backends:\n  - name: workers\n    run: { env: { COLOUR: blue } }\n');
  assert.match(
    await pm2('start ecosystem.config.ts'),
    /workers: restarted with changes \(env\.COLOUR\)\n.*nothing changed for api, python, lifeguard/,
  );
  asking = false;
  await asker;
  const is = await pids();
  assert.equal(failed, 0);
  for (const [app, pid] of Object.entries(was)) assert.equal(is[app] === pid, !app.startsWith('workers'), app);
  assert.equal((await up(project.ports.workers)).colour, 'blue');
});

test('a variable that is taken away is gone; --env lays its variables over; lifeguard follows what concerns it', async () => {
  project.overlay('backends:\n  - name: api\n    run: { env: { SHAPE: round } }\n');
  await pm2('start ecosystem.config.ts');
  project.overlay('backends:\n  - name: api\n    restart: { max_restarts: 4 }\n');
  assert.match(
    await pm2('start ecosystem.config.ts --env production'),
    /api: restarted with changes \(.*env\.COLOUR.*env\.SHAPE.*\)\n.*lifeguard: restarted with changes \(its configuration\)/,
  );
  assert.equal((await up(project.ports.api)).colour, 'gold');
  assert.equal(environmentOf((await up(project.ports.api)).pid).has('SHAPE'), false);
});

test('restart and stop with --only; start brings back what an operator stopped; the bus hears an operator', async () => {
  const events: BusEvent[] = [];
  const client = await connectPm2(sandbox.pm2Home);
  await client.onEvent((event) => events.push(event));
  const was = await pids();
  await pm2('restart ecosystem.config.ts --only api --env production');
  await pm2('stop ecosystem.config.ts --only python');
  const is = await pids();
  assert.notEqual(is['api 0'], was['api 0']);
  assert.equal(is['lifeguard 4'], was['lifeguard 4']);
  assert.equal(is['python 3'], 0);
  const byHand = events.flatMap((event) =>
    event.type === 'process' && event.manually ? [`${event.process.name} ${event.event}`] : [],
  );
  assert.deepEqual(byHand, ['api restart', 'python stop']);
  client.close();
  assert.match(await pm2('start ecosystem.config.ts --env production'), /python: started again \(was stopped\)/);
  const unknown = await sandbox.pm2('start', 'ecosystem.config.ts', '--only', 'apy');
  assert.deepEqual([unknown.code, /there is no apy/.test(unknown.stderr)], [1, true]);
});

test('a secret that was exported at the first start does not outlive its rotation in the env_file, in workers of a cluster neither', async () => {
  writeFileSync(join(sandbox.dir, '.env'), 'SECRET=rotated\n', { mode: 0o600 });
  for (const name of ['api', 'workers'] as const) {
    const before = await up(project.ports[name]);
    assert.equal(before.secret, 'of-the-env-file');
    await pm2(`restart ecosystem.config.ts --only ${name} --env production`);
    await until(`${name} with the new one`, async () => (await ask(project.ports[name])).secret === 'rotated');
  }
  writeFileSync(join(sandbox.dir, '.env'), 'SECRET=of-the-env-file\n', { mode: 0o600 });
  await pm2('restart ecosystem.config.ts --env production');
});

test('two starts at once: one waits for the other', async () => {
  project.overlay('backends:\n  - name: api\n    run: { env: { COLOUR: green } }\n');
  const outputs = await Promise.all([pm2('start'), pm2('start')]);
  assert.equal(outputs.filter((output) => /api: restarted with changes/.test(output)).length, 1);
  assert.equal(outputs.filter((output) => /nothing changed for api/.test(output)).length, 1);
});

test('save, kill, resurrect: all is back as declared; the env_file stays out of the dump', async () => {
  await pm2('save');
  assert.doesNotMatch(readFileSync(join(sandbox.pm2Home, 'dump.pm2'), 'utf8'), /of-the-env-file/);
  await pm2('kill');
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  await pm2('resurrect');
  assert.equal((await up(project.ports.api)).colour, 'green');
  assert.equal((await up(project.ports.api)).secret, 'of-the-env-file');
  assert.match(await pm2('start'), /nothing changed for api, workers, python, lifeguard/);
});

test('a backend that is no longer declared goes; delete takes the rest and the configuration', async () => {
  project.overlay('');
  const text = readFileSync(project.file, 'utf8');
  writeFileSync(project.file, text.replace(/ *\{ name: 'workers'.*\n/, ''));
  assert.match(await pm2('start'), /workers: deleted \(no longer declared\)/);
  await pm2('delete ecosystem.config.ts');
  assert.deepEqual(await listed(sandbox.pm2Home), []);
  assert.equal(configFile(), undefined);
  assert.deepEqual(JSON.parse(readFileSync(join(sandbox.pm2Home, 'dump.pm2'), 'utf8')), []);
});
