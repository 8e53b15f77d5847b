// What lifeguard goes by is what was applied, app by app: never a file that changed since.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BackendStatus } from '../../src/lifeguard/status.ts';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { processesOf, Sandbox } from '../support/sandbox.ts';
import { incarnations, type SmallProject, smallProject } from '../support/small-project.ts';

const sandbox = new Sandbox();
let project: SmallProject;

before(async () => {
  project = await smallProject(sandbox, 'shop', ['api', 'web']);
  await project.start();
  await healthy('api', 'web');
});
after(() => sandbox.dispose());

async function healthy(...names: string[]): Promise<void> {
  await until(`${names} healthy`, async () => {
    const { backends } = await trigger(sandbox.pm2Home, 'lifeguard', 'status', '', 6_000).catch(() => ({ backends: [] }));
    const states = new Map((backends as BackendStatus[]).map(({ name, policy }) => [name, policy.state]));
    return names.every((name) => states.get(name) === 'healthy') || Promise.reject(new Error(JSON.stringify([...states])));
  });
}

test('one backend is started while the file has changed for another: that one is watched as it runs, and status says what is not applied', async () => {
  const was = await incarnations(sandbox);
  const { port } = { port: await freePort() };
  project.configure({ api: { restart: { max_restarts: 3 } }, web: { port } });
  assert.deepEqual(await project.start({ only: ['api', 'lifeguard'] }), [
    'lifeguard: restarted with changes (its configuration)',
    'nothing changed for api: left running',
  ]);
  await healthy('api', 'web');
  const { lifeguard: _, ...others } = await incarnations(sandbox);
  const { lifeguard: __, ...before } = was;
  assert.deepEqual(others, before);
  const { code, stdout } = await project.lifeguard('status');
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /^web: changed in backend\.yaml, not applied \(env\.PORT, port, health\)\nlifeguard start applies that\.$/m,
  );
  assert.doesNotMatch(stdout, /^api: changed/m);

  writeFileSync(join(project.dir, 'backend.yaml'), 'backends: [');
  const mistaken = await project.lifeguard('status');
  assert.deepEqual([mistaken.code, /The configuration has mistakes/.test(mistaken.stdout)], [0, true], mistaken.stdout);
});

test('left out by --only, lifeguard is told of what has changed all the same', async () => {
  project.configure({ api: { restart: { max_restarts: 4 } } });
  const told = await project.start({ only: ['api'] });
  assert.deepEqual(told, ['lifeguard: restarted with changes (its configuration)', 'nothing changed for api: left running']);
  await healthy('api', 'web');
});

test('what PATH makes of a start from cron is no change', async () => {
  const was = await incarnations(sandbox);
  const fromCron = await project.start({ environment: { ...sandbox.env, PATH: '/usr/bin:/bin', PWD: undefined } });
  assert.deepEqual(fromCron, ['nothing changed for api, web, lifeguard: left running']);
  assert.deepEqual(await incarnations(sandbox), was);
});

test('a variable that the configuration names is compared, one that it does not is not', async () => {
  const broker = (value: string) => ({ ...sandbox.env, BROKER_URL: value, EDITOR: value });
  const port = await freePort();
  project.configure({ api: { depends_on: [{ name: 'broker', check: '${BROKER_URL}' }] } });
  await project.start({ environment: broker(`tcp://127.0.0.1:${port}`) });
  assert.match(
    (await project.start({ environment: broker('tcp://127.0.0.1:1') })).join('\n'),
    /^api: restarted with changes \(inherited\.BROKER_URL\)\n.*lifeguard: restarted/,
  );
  assert.match(
    (await project.start({ environment: { ...broker('tcp://127.0.0.1:1'), EDITOR: 'vi' } })).join('\n'),
    /^nothing changed for api, web, lifeguard/,
  );
  project.configure();
  await project.start();
});

test('a boot from an old saved list finds the configuration of that list', async () => {
  assert.equal((await sandbox.pm2('save')).code, 0);
  const saved = readFileSync(join(sandbox.pm2Home, 'dump.pm2'), 'utf8');
  const port = await freePort();
  project.configure({ web: { port } });
  await project.start();
  await until('web on its new port', () => fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => ok));
  await sandbox.pm2('kill'); // saves what runs
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  writeFileSync(join(sandbox.pm2Home, 'dump.pm2'), saved); // as after a power cut
  await sandbox.pm2('resurrect');
  await healthy('api', 'web');
  assert.ok((await fetch(`http://127.0.0.1:${project.ports.web}/`)).ok);
  const { stdout } = await project.lifeguard('status');
  assert.match(stdout, /^web: changed, not applied|^web: changed in backend\.yaml, not applied/m);
});

test('a lifeguard without its configuration says so and stops, it does not loop', async () => {
  await sandbox.pm2('kill');
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  const dump = join(sandbox.pm2Home, 'dump.pm2');
  writeFileSync(dump, readFileSync(dump, 'utf8').replaceAll(/("LIFEGUARD_CONFIG_DIGEST": ?")\w+/g, '$10123456789abcdef'));
  await sandbox.pm2('resurrect');
  await until('lifeguard to stop', async () => (await incarnations(sandbox)).lifeguard?.[0] === 'stopped');
  assert.match(
    readFileSync(join(project.dir, 'logs/lifeguard.log'), 'utf8'),
    /the configuration 0123456789abcdef .* is not there any more\n.*lifeguard start/,
  );
  assert.match((await project.start()).join('\n'), /lifeguard: restarted with changes/);
  await healthy('api', 'web');
});
