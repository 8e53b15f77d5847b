import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { processesOf, ROOT, Sandbox } from '../support/sandbox.ts';

const SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  setTimeout(() => response.end(String(process.pid)), request.url === '/slow' ? 1000 : 0);
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGINT', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

let sandbox: Sandbox;
let port: number;

before(async () => {
  sandbox = new Sandbox();
  port = await freePort();
  writeFileSync(join(sandbox.dir, 'server.mjs'), SERVER);
  writeEcosystem('api', 'server.mjs', { port });
});
after(() => sandbox.dispose());

function writeEcosystem(name: string, script: string, more: object, file = 'ecosystem.config.ts'): void {
  const definition = { backends: [{ name, run: { script }, health: { interval: '200ms' }, ...more }], dashboard: null };
  const source = `import { defineEcosystem } from '${pathToFileURL(join(ROOT, 'src/index.ts'))}';\nexport const { apps } = defineEcosystem(import.meta.url, ${JSON.stringify(definition)});\n`;
  writeFileSync(join(sandbox.dir, file), source);
}

async function ask(path: string): Promise<string> {
  const [response] = await once(get({ host: '127.0.0.1', port, path, agent: false }), 'response');
  let body = '';
  for await (const piece of response) body += piece;
  return body;
}

test('start, status, restart, wait, logs, stop: each says how it is, with words and exit status', async () => {
  const down = await sandbox.lifeguard('status');
  assert.equal(down.code, 2);
  assert.match(down.stdout, /Nothing is running/);
  assert.equal(processesOf(sandbox.pm2Home).length, 0, 'looking starts no daemon');

  const started = await sandbox.lifeguard('start');
  assert.equal(started.code, 0, started.stdout + started.stderr);
  assert.match(started.stdout, new RegExp(`api +healthy +\\d+ .* ${port} +200`));
  assert.match(started.stdout, /Next:\n {2}try +curl http:\/\/127/);

  const first = await ask('/');
  const again = await sandbox.lifeguard('start', '--json');
  assert.equal(JSON.parse(again.stdout).verdict, 'well', again.stderr);
  assert.equal(await ask('/'), first, 'the same command again leaves it running');

  const inFlight = ask('/slow');
  const restarted = await sandbox.lifeguard('restart');
  assert.equal(restarted.code, 0, restarted.stdout + restarted.stderr);
  assert.equal(await inFlight, first, 'a request in flight is answered by the old process');
  const status = JSON.parse((await sandbox.lifeguard('status', '--json')).stdout);
  assert.deepEqual(status.backends[0].pids.map(String), [await ask('/')]);
  assert.notEqual(await ask('/'), first);
  assert.equal((await sandbox.lifeguard('wait', 'api', '--timeout', '10s')).code, 0);

  const paused = await sandbox.lifeguard('pause', '--for', '5m');
  assert.match(paused.stdout, /^api: paused for (5 min|4 min \d+ s): checked, not acted upon$/m);
  assert.match((await sandbox.lifeguard('status')).stdout, /^api +paused/m);
  assert.match((await sandbox.lifeguard('resume', 'api')).stdout, /^api: acted upon again; it is healthy$/m);
  const reset = await sandbox.lifeguard('reset', '--json');
  assert.equal(JSON.parse(reset.stdout).backends[0].policy.restarts, 0, reset.stderr);
  const checked = await sandbox.lifeguard('check', 'api');
  assert.deepEqual([checked.code, checked.stderr], [0, '']);
  assert.match(checked.stdout, new RegExp(`^api +healthy .* ${port} +200`, 'm'));
  assert.equal((await sandbox.lifeguard('pause', '--for', 'long')).code, 64);

  const logs = await sandbox.lifeguard('logs', 'lifeguard', '--no-follow', '--lines', '5');
  assert.equal(logs.code, 0);
  assert.match(logs.stdout, /lifeguard/);

  const stoppedOne = await sandbox.lifeguard('stop', 'api');
  assert.equal(stoppedOne.code, 0, stoppedOne.stderr);
  await until('lifeguard to see it', async () => (await sandbox.lifeguard('status')).code === 2);

  const stopped = await sandbox.lifeguard('stop', '--json');
  assert.deepEqual(JSON.parse(stopped.stdout), { apps: ['lifeguard', 'api'], unsaved: [], daemon: 'ended', why: null });
  await until('the daemon to end', () => processesOf(sandbox.pm2Home).length === 0);
  assert.match((await sandbox.lifeguard('stop')).stdout, /Nothing was running/);
  assert.equal((await sandbox.lifeguard('logs', '--no-follow')).code, 2);
});

test('stop leaves the daemon when it runs something else', async () => {
  writeFileSync(join(sandbox.dir, 'other.mjs'), 'setInterval(() => {}, 1000);');
  assert.equal((await sandbox.pm2('start', 'other.mjs')).code, 0);
  assert.equal((await sandbox.lifeguard('start')).code, 0);
  const { stdout } = await sandbox.lifeguard('stop');
  assert.match(stdout, /Stopped: lifeguard, api\. PM2's daemon runs on: it also runs other\./);
  assert.deepEqual(
    (await sandbox.list()).map(({ name }) => name),
    ['other'],
  );
  await sandbox.pm2('delete', 'other');
});

test('a backend that cannot start: exit status, and why it cannot', async () => {
  writeFileSync(join(sandbox.dir, 'broken.mjs'), "throw new Error('no such setting: COLOUR');");
  writeEcosystem('broken', 'broken.mjs', { port: await freePort(), restart: { backoff: { initial: '50ms' } } });
  const { code, stdout } = await sandbox.lifeguard('start', '--timeout', '20s');
  assert.equal(code, 2, stdout);
  assert.match(stdout, /^broken +\w+/m);
  assert.match(stdout, /What broken wrote last[\s\S]*no such setting: COLOUR/);
  assert.equal((await sandbox.lifeguard('stop')).code, 0);
});

test('mistakes: all of them, exit status 1, no stack, nothing started', async () => {
  writeEcosystem('api', 'server.mjs', { port: 'http', restart: { max: 3 } });
  for (const command of ['start', 'validate']) {
    const { code, stdout, stderr } = await sandbox.lifeguard(command);
    assert.equal(code, 1);
    assert.match(stderr, /^ecosystem\.config\.ts: backends\[0\]\.port: wrong value/m);
    assert.match(stderr, /^2 mistakes\. Nothing was started or changed\.$/m);
    assert.doesNotMatch(stdout + stderr, /^ +at /m);
  }
  const { error } = JSON.parse((await sandbox.lifeguard('validate', '--json')).stdout);
  assert.deepEqual([error.code, error.diagnostics.length, error.diagnostics[0].path], ['config-invalid', 2, 'backends[0].port']);
  assert.equal((await sandbox.lifeguard('stop')).code, 0, 'stop needs no valid configuration');

  writeFileSync(join(sandbox.dir, 'own.yaml'), 'backends:\n  - name: api\n    run: { script: server.mjs }\n    prot: 1\n');
  assert.match((await sandbox.lifeguard('validate', 'own.yaml')).stderr, /^own\.yaml:4:5: unknown key prot/m);
  writeEcosystem('api', 'server.mjs', { port });
  assert.equal((await sandbox.lifeguard('validate')).code, 0);
  writeEcosystem('api', 'gone.mjs', { port });
  assert.match((await sandbox.lifeguard('validate')).stderr, /there is no script/);
});

test('a secret in a health URL is used, and shown nowhere', async () => {
  const guarded = `import { createServer } from 'node:http';
const right = 'Basic ' + Buffer.from('user:hunter2').toString('base64');
createServer((request, response) => {
  response.statusCode = request.headers.authorization === right ? 200 : 401;
  response.end();
}).listen(process.env.PORT, '127.0.0.1');
`;
  writeFileSync(join(sandbox.dir, 'guarded.mjs'), guarded);
  const liveness = `http://user:hunter2@127.0.0.1:${port}/health?token=hunter2`;
  writeEcosystem('guarded', 'guarded.mjs', { port, health: { liveness, readiness: null, interval: '200ms' } });
  const started = await sandbox.lifeguard('start');
  assert.equal(started.code, 0, started.stdout + started.stderr);
  const json = await sandbox.lifeguard('status', '--json');
  assert.equal(JSON.parse(json.stdout).backends[0].liveness, `http://user:***@127.0.0.1:${port}/health?token=***`);
  const all = [
    started,
    json,
    await sandbox.lifeguard('status'),
    await sandbox.lifeguard('logs', '--no-follow'),
    await sandbox.lifeguard('stop'),
  ];
  for (const { stdout, stderr } of all) assert.doesNotMatch(stdout + stderr, /hunter2/);
});

test('wrong usage is 64, help is 0', async () => {
  writeEcosystem('api', 'server.mjs', { port });
  for (const args of [['statsu'], ['status', 'nobody'], ['wait', '--timeout', 'soon']]) {
    assert.equal((await sandbox.lifeguard(...args)).code, 64, args.join(' '));
  }
  assert.equal((await sandbox.lifeguard('--help')).code, 0);
});
