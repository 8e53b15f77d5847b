// A newer lifeguard over a running older one: test/fixtures/pm2-lifeguard-0.1.0.tgz is version 0.1.0 as `npm pack` made it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { packed } from '../support/package/packed.ts';
import { Stranger } from '../support/package/stranger.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { ROOT } from '../support/sandbox.ts';
import { incarnations } from '../support/small-project.ts';

const FIRST = join(ROOT, 'test/fixtures/pm2-lifeguard-0.1.0.tgz');
const { tarball } = packed();
const SERVER = `require('node:http').createServer((request, response) => {
  if (request.url !== '/health') console.log('asked for ' + request.url);
  response.end('{}');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

let stranger: Stranger;
let port: number;

before(async () => {
  stranger = new Stranger({}, 'shop'); // The first version knew no folder with a space.
  port = await freePort();
  writeFileSync(join(stranger.dir, 'package.json'), JSON.stringify({ name: 'my-project', version: '1.0.0', type: 'module' }));
  writeFileSync(join(stranger.dir, 'server.cjs'), SERVER);
  writeFileSync(
    join(stranger.dir, 'ecosystem.config.ts'),
    `import { defineEcosystem } from 'pm2-lifeguard';
export const { apps } = defineEcosystem(import.meta.url, {
  backends: [{ name: 'api', run: { script: 'server.cjs' }, port: ${port}, health: { liveness: '/health', readiness: null } }],
  dashboard: { port: null },
});
`,
  );
  await stranger.must('npm', 'install', FIRST);
});
after(() => stranger?.sandbox.dispose());

const lifeguard = (...args: string[]) => stranger.lifeguard(process.execPath, ...args);
const running = () => incarnations(stranger.sandbox);
const journal = () => readFileSync(join(stranger.dir, 'logs/incidents.jsonl'), 'utf8');
const archives = () => readdirSync(join(stranger.dir, 'logs')).filter((name) => /^api-.*\.log(\.gz)?$/.test(name));
/** @returns what it tells of the backend */
const restarts = (count: number) =>
  until(
    `${count} restarts in its budget`,
    async () => new RegExp(`^api +healthy .* ${count} of 10`, 'm').test((await lifeguard('status')).stdout),
    { deadlineMs: 90_000, everyMs: 500 },
  );

async function crash(): Promise<void> {
  const [was = ''] = (await running()).api ?? [];
  process.kill(Number(was.split('@')[0]), 'SIGKILL');
  await until('another process', async () => {
    const [is = ''] = (await running()).api ?? [];
    return is.includes('@') && is !== was;
  });
}

test('nothing but lifeguard is restarted; its journal, its archives and the restart budget are read on', {
  timeout: 600_000,
}, async () => {
  const started = await lifeguard('start');
  assert.equal(started.code, 0, started.stdout + started.stderr);
  await crash();
  await restarts(1);
  await until('an answer', () => fetch(`http://127.0.0.1:${port}/of-the-first`).then(({ ok }) => ok));
  await until('its line in an archive', async () => {
    await trigger(stranger.sandbox.pm2Home, 'lifeguard', 'rotate-logs', '', 6_000);
    return archives().length > 0;
  });
  const [was, told, kept] = [await running(), journal(), archives()];

  await stranger.must('npm', 'install', tarball);
  const upgraded = await lifeguard('start');
  assert.equal(upgraded.code, 0, upgraded.stdout + upgraded.stderr);
  const is = await running();
  assert.deepEqual(is.api, was.api, upgraded.stdout + upgraded.stderr);
  assert.notDeepEqual(is.lifeguard, was.lifeguard);

  await restarts(1);
  assert.ok(journal().startsWith(told));
  assert.match((await lifeguard('incidents')).stdout, /api/);
  assert.ok(kept.every((name) => archives().includes(name) || archives().includes(`${name}.gz`)));
  assert.match((await lifeguard('logs', 'api', '--grep', 'of-the-first', '--no-follow')).stdout, /asked for \/of-the-first/);
  await crash();
  await restarts(2);
});

test('a downgrade starts afresh, and keeps journal and logs', { timeout: 600_000 }, async () => {
  const told = journal();
  const [was] = (await running()).api ?? [];
  await stranger.must('npm', 'install', FIRST);
  const { code, stdout, stderr } = await lifeguard('start');
  assert.equal(code, 0, stdout + stderr);
  await until('it to be healthy', async () => /^api +healthy/m.test((await lifeguard('status')).stdout), { deadlineMs: 60_000 });
  assert.ok(journal().startsWith(told));
  assert.ok(was);
});
