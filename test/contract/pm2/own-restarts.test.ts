import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { declareBackend } from '../../../src/ecosystem/app.ts';
import { thisMachine } from '../../../src/ecosystem/machine.ts';
import { endingOf } from '../../../src/pm2/apps/ending.ts';
import { applyStep } from '../../../src/pm2/apps/launch.ts';
import type { LauncherClient } from '../../../src/pm2/daemon/launcher-client.ts';
import { connectOrSpawn } from '../../../src/pm2/daemon/reach.ts';
import { ownershipOf } from '../../../src/pm2/ownership/owner.ts';
import { until } from '../../support/poll.ts';
import { Sandbox } from '../../support/sandbox.ts';

/** What PM2 does with the declaration of a backend when there is no lifeguard: see docs/decisions/pm2-own-restarts.md. */
const sandbox = new Sandbox();
const file = (name: string) => join(sandbox.dir, name);
let client: LauncherClient;

before(async () => {
  writeFileSync(
    file('server.cjs'),
    `const fs = require('fs');
fs.appendFileSync('starts', Date.now() + '\\n');
if (fs.existsSync('bad')) process.exit(1);
setInterval(() => {}, 1000);`,
  );
  const typescript = { backends: [{ name: 'api', run: { script: 'server.cjs' }, health: { liveness: null } }] };
  const config = loadConfig({ file: file('ecosystem.config.ts'), typescript, env: {}, cwd: sandbox.dir });
  const apps = config.backends.map((backend) => declareBackend(backend, thisMachine(process.env)));
  client = await connectOrSpawn(sandbox.pm2Home, sandbox.env);
  const ownership = ownershipOf(file('ecosystem.config.ts'), { apps: [], adoptions: [] });
  const about = { ownership, declared: { apps, configured: {} }, roleOf: () => 'backend' as const, withheld: {} };
  const ending = endingOf(null, sandbox.env, () => undefined);
  const launch = { client, pm2Home: sandbox.pm2Home, envName: null, environment: sandbox.env, ending, ...about };
  await applyStep(launch, { app: 'api', do: 'start', because: [] });
  await until('its start', () => starts().length === 1);
});
after(async () => {
  client.close();
  await sandbox.dispose();
});

function starts(): number[] {
  try {
    return readFileSync(file('starts'), 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

async function theApp() {
  const [only] = await client.list();
  assert.ok(only);
  return only;
}

test('the first crash is started again at once', async () => {
  const killedAt = Date.now();
  process.kill((await theApp()).pid, 'SIGKILL');
  await until('the second start', () => starts().length === 2);
  assert.ok((starts()[1] ?? 0) - killedAt < 2_000);
});

test('a crash loop: slower and slower, never given up, and back by itself when its cause is gone', async () => {
  appendFileSync(file('bad'), '');
  const earlier = starts().length;
  process.kill((await theApp()).pid, 'SIGKILL');
  // So many that the last gaps stand out from what a busy machine adds to the first.
  await until('eight more starts', () => starts().length >= earlier + 8, { deadlineMs: 40_000 });
  const gaps = starts()
    .slice(earlier)
    .map((at, index, all) => at - (all[index - 1] ?? at))
    .slice(1);
  assert.ok((gaps.at(-1) ?? 0) > (gaps[0] ?? 0), `growing gaps: ${gaps.join(' ')}`);
  const [, second = 0] = gaps.toSorted((a, b) => a - b);
  assert.ok(second >= 100, `no hot loop: ${gaps.join(' ')}`);
  assert.notEqual((await theApp()).status, 'errored');
  rmSync(file('bad'));
  await until('it to be back', async () => (await theApp()).status === 'online' && (await theApp()).pid > 0);
});

test('a restart over the API makes the next crash the first one again', async () => {
  await client.restart((await theApp()).pmId);
  const count = starts().length;
  const killedAt = Date.now();
  process.kill((await until('the process', theApp)).pid, 'SIGKILL');
  await until('the next start', () => starts().length > count);
  assert.ok((starts().at(-1) ?? 0) - killedAt < 2_000);
});
