// What is left of a project when it is stopped, when PM2's daemon is killed, and when the machine boots.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { daemonPid } from '../../src/host/orphans/marker.ts';
import { isAlive } from '../support/clone.ts';
import { until } from '../support/poll.ts';
import { processesOf, Sandbox } from '../support/sandbox.ts';
import { incarnations, type SmallProject, smallProject } from '../support/small-project.ts';

const sandbox = new Sandbox();
let shop: SmallProject;

/** Runs on when the daemon is killed, as what PM2 has no channel to does. */
const PYTHON =
  'import http.server, os; http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()';
/** Sends a helper off and crashes. */
const SENDS_A_HELPER = `const { spawn } = require('node:child_process');
const helper = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
require('node:fs').appendFileSync('helpers', helper.pid + '\\n');
setTimeout(() => process.exit(1), 600_000);
`;

before(async () => {
  shop = await smallProject(sandbox, 'shop', ['api', 'python']);
  writeFileSync(join(shop.dir, 'serve.py'), PYTHON);
  shop.configure({ python: { run: { command: '/usr/bin/python3 serve.py' } } });
  writeFileSync(join(sandbox.dir, 'other.cjs'), 'setInterval(() => {}, 1000);');
  await sandbox.pm2('start', 'other.cjs');
  await shop.start();
  await answer('python');
});
after(() => sandbox.dispose());

const answer = (name: string) =>
  until(`an answer of ${name}`, () => fetch(`http://127.0.0.1:${shop.ports[name]}/`).then(({ ok }) => ok));
const pid = async (name: string) => Number((await incarnations(sandbox))[name]?.[0]?.split('@')[0]);
const names = async () => Object.keys(await incarnations(sandbox)).sort();

/** PM2's saved list: its entries by name, as they are written. */
function saved(): Record<string, unknown> {
  const entries = JSON.parse(readFileSync(join(sandbox.pm2Home, 'dump.pm2'), 'utf8')) as { name: string }[];
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

async function killDaemon(): Promise<void> {
  const daemon = daemonPid(sandbox.pm2Home) ?? 0;
  process.kill(daemon, 'SIGKILL');
  await until('the daemon to be gone', () => !isAlive(daemon));
}

/** As a boot does, after a power cut. */
async function boot(): Promise<void> {
  await killDaemon();
  for (const { pid } of processesOf(sandbox.pm2Home)) process.kill(pid, 'SIGKILL');
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  assert.equal((await sandbox.pm2('resurrect')).code, 0);
}

test('stopped, a project does not come back at a boot: not in part and not unwatched; what others have saved stays as it is', async () => {
  await sandbox.pm2('save');
  const { other, ...ours } = saved();
  assert.deepEqual(Object.keys(ours).sort(), ['api', 'lifeguard', 'python']);
  const { stdout } = await shop.lifeguard('stop');
  assert.match(stdout, /^A boot does not bring them back: .* are out of PM2's saved list until the next lifeguard start\.$/m);
  assert.deepEqual(saved(), { other });
  await boot();
  assert.deepEqual(await names(), ['other']);
});

test('started again it is back in the saved list, as it runs now, and comes back whole', async () => {
  const { other } = saved();
  shop.configure({ python: { run: { command: '/usr/bin/python3 serve.py', env: { COLOUR: 'blue' } } } });
  assert.match((await shop.start()).join('\n'), /PM2's saved list has them again/);
  assert.deepEqual(saved().other, other);
  await boot();
  assert.deepEqual(await names(), ['api', 'lifeguard', 'other', 'python']);
  await answer('python');
  assert.deepEqual(await shop.start(), ['nothing changed for api, python, lifeguard: left running']);
});

test("PM2's daemon killed: what it lost is ended at the next start, started anew and said; nobody else's is touched", async () => {
  const lost = await pid('python');
  await killDaemon();
  assert.ok(isAlive(lost));
  await sandbox.pm2('start', 'other.cjs');
  const other = await pid('other');
  const told = (await shop.start()).join('\n');
  assert.match(told, new RegExp(`^python: a process of it that PM2 had lost was ended \\(pid ${lost}\\)$`, 'm'));
  assert.ok(!isAlive(lost));
  await answer('python');
  assert.notEqual(await pid('python'), lost);
  assert.equal(await pid('other'), other);
});

test('a helper that an app has sent off is no process that PM2 has lost while the app runs, and ends with it', async () => {
  writeFileSync(join(shop.dir, 'sends.cjs'), SENDS_A_HELPER);
  shop.configure({ python: { run: { command: '/usr/bin/python3 serve.py' } }, api: { run: { script: 'sends.cjs' } } });
  await shop.start();
  const helpers = () => readFileSync(join(shop.dir, 'helpers'), 'utf8').trim().split('\n').map(Number);
  await until('a helper', () => helpers().length > 0);
  assert.doesNotMatch((await shop.start()).join('\n'), /lost/);
  assert.ok(helpers().some(isAlive));
  await shop.stop({ only: ['lifeguard', 'api'] });
  await until('its helpers to end with it', () => !helpers().some(isAlive));
  shop.configure({ python: { run: { command: '/usr/bin/python3 serve.py' } } });
  await shop.start();
});

test('a stop after the daemon was killed ends what it lost', async () => {
  const lost = await pid('python');
  await killDaemon();
  const { stdout, stderr, code } = await shop.lifeguard('stop');
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`python: a process of it that PM2 had lost was ended \\(pid ${lost}\\)`));
  assert.match(stdout, /Nothing was running/);
  assert.ok(!isAlive(lost));
});
