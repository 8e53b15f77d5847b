import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { environmentOf, foreignVariables } from '../support/environment.ts';
import { listed } from '../support/listed.ts';
import { until } from '../support/poll.ts';
import { ask, type Project, writeProject } from '../support/project.ts';
import { processesOf } from '../support/sandbox.ts';
import { StockSandbox } from '../support/stock.ts';

const sandbox = new StockSandbox('24', { OF_THE_USER: 'kept', LIFEGUARD_CONFIG: '' });
const DECLARED = ['api', 'lifeguard', 'python', 'workers', 'workers'];
let project: Project;

before(async () => {
  project = await writeProject(sandbox);
});
after(() => sandbox.dispose());

const names = async () => (await listed(sandbox.pm2Home)).map(({ name }) => name).sort();
const start = (...args: string[]) => sandbox.pm2('start', 'ecosystem.config.ts', ...args);
const onlyTheDeclared = () =>
  until(
    'the declared apps, and they alone',
    async () => {
      const those = await names();
      return JSON.stringify(those) === JSON.stringify(DECLARED) || Promise.reject(new Error(those.join(' ')));
    },
    { deadlineMs: 40_000 },
  );
const entryLog = () => readFileSync(join(sandbox.pm2Home, 'logs/ecosystem.config-error.log'), 'utf8');
const pids = async () => (await listed(sandbox.pm2Home)).map(({ name, pid }) => `${name} ${pid}`).sort();

test('a stock pm2 on a Node that strips types: the file starts its apps and takes itself out, cold and again', async () => {
  for (let round = 0; round < 2; round++) {
    assert.equal((await start()).code, 0);
    await onlyTheDeclared();
    assert.equal((await until('an answer', () => ask(project.ports.api))).secret, 'of-the-env-file');
    if (round === 0) await sandbox.pm2('kill');
  }
});

test("an app's environment is as clean as when our own pm2 starts it", async () => {
  for (const { name, pid } of (await listed(sandbox.pm2Home)).filter((app) => app.execMode === 'fork')) {
    const environment = environmentOf(pid);
    assert.equal(environment.get('OF_THE_USER'), 'kept');
    assert.equal(environment.get('LIFEGUARD_APP'), name);
    assert.equal(environment.get('pm_exec_path')?.includes('ecosystem.config.ts'), false);
    assert.deepEqual(foreignVariables(environment, ['OF_THE_USER']), []);
  }
});

test('where Node can replace itself the wrapper of an env_file leaves nothing behind', async () => {
  const python = (await listed(sandbox.pm2Home)).find(({ name }) => name === 'python');
  const commandLine = () => readFileSync(`/proc/${python?.pid}/cmdline`, 'utf8');
  // It may have been started a moment ago.
  await until('the process to be Python itself', () => /^[^\0]*python3\0-m\0http\.server/.test(commandLine()));
  assert.equal(environmentOf(python?.pid ?? 0).get('SECRET'), 'of-the-env-file');
});

test('the same command again leaves the rest running, and applies what changed', async () => {
  const was = await pids();
  await start();
  await onlyTheDeclared();
  assert.deepEqual(await pids(), was);
  project.overlay('backends:\n  - name: api\n    run: { env: { COLOUR: blue } }\n');
  await start('--', '--only', 'api');
  await until('the change', async () => (await ask(project.ports.api)).colour === 'blue');
  await onlyTheDeclared();
  assert.equal((await pids()).filter((app) => !was.includes(app)).length, 1);
});

test('a mistake: said in the log of the entry, which stays stopped; nothing else is touched', async () => {
  const was = await pids();
  project.overlay('backends:\n  - name: api\n    prot: 1\n');
  await start();
  const entry = await until('the entry to stop', async () =>
    (await listed(sandbox.pm2Home)).find((app) => app.name === 'ecosystem.config' && app.status === 'stopped'),
  );
  assert.equal(entry.restarts, 0);
  assert.match(entryLog(), /backend\.yaml:3:5[\s\S]*pm2 delete ecosystem\.config; pm2 start/);
  assert.deepEqual(
    (await pids()).filter((app) => !app.startsWith('ecosystem')),
    was,
  );
  project.overlay('');
  await sandbox.pm2('delete', 'ecosystem.config');
  await start();
  await onlyTheDeclared();
});

test('save, kill and resurrect', async () => {
  await sandbox.pm2('save');
  await sandbox.pm2('kill');
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  await sandbox.pm2('resurrect');
  await onlyTheDeclared();
  await until('an answer', () => ask(project.ports.api));
});
