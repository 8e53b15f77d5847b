import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { prepareSwap, swap } from '../../../src/logs/rotation/swap.ts';
import { finish, rotationOf, startWriting } from '../../support/log-rotation.ts';
import { tally } from '../../support/log-tally.ts';
import { until } from '../../support/poll.ts';
import { ROOT, Sandbox } from '../../support/sandbox.ts';

/** Copies, then truncates by path: what pm2-logrotate 3.0.0 does to every app's files and to pm2.log, each second. */
const MODULE = `const fs = require('node:fs');
const { execFile } = require('node:child_process');
const pm2 = require(process.env.PM2_PROGRAM);
pm2.connect(() => setInterval(() => pm2.list((error, apps) => {
  for (const { pm2_env } of apps ?? []) for (const file of [pm2_env.pm_out_log_path, pm2_env.pm_err_log_path]) {
    if (!fs.existsSync(file) || fs.statSync(file).size === 0) continue;
    fs.copyFileSync(file, file.slice(0, -4) + '__' + Date.now() + '.log');
    fs.truncateSync(file);
  }
}), 1000));`;

test('pm2-logrotate beside it: found and told once, its files are left to it; when it is stopped ours goes on', async () => {
  const sandbox = new Sandbox({ PM2_PROGRAM: join(ROOT, 'node_modules/pm2') });
  after(() => sandbox.dispose());
  const directory = join(sandbox.dir, 'logs');
  await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 100, seconds: 3600 });
  const module = join(sandbox.dir, 'pm2-logrotate');
  mkdirSync(module);
  const apps = [{ name: 'pm2-logrotate', script: 'app.js' }];
  writeFileSync(join(module, 'package.json'), JSON.stringify({ name: 'pm2-logrotate', version: '3.0.0', main: 'app.js', apps }));
  writeFileSync(join(module, 'app.js'), MODULE);
  await pm2(sandbox, ['install', '.'], module);
  await until('a file of its own', () => readdirSync(directory).some((name) => name.startsWith('w-out__')));

  const rig = await rotationOf(sandbox.pm2Home, directory, { maxSizeBytes: 1 });
  after(() => rig.close());
  for (let i = 0; i < 3; i++) {
    await until('a line', () => lstatSync(join(directory, 'w-out.log')).size > 0);
    await rig.rotator.tick();
    await rig.rotator.rotateNow();
  }
  assert.deepEqual(kindsOf(rig.events), ['stands-back']);
  const [told] = rig.events;
  assert.ok(told?.kind === 'stands-back' && told.rival === 'the PM2 module pm2-logrotate');
  assert.ok(told.paths.includes(join(directory, 'w-out.log')) && told.paths.includes(join(sandbox.pm2Home, 'pm2.log')));

  await pm2(sandbox, ['stop', 'pm2-logrotate']);
  await until('ours to rotate', async () => (await rig.rotator.rotateNow()).rotated.some((path) => path.includes('w-out-20')));
  assert.ok(kindsOf(rig.events).includes('goes-on'));
});

test('a rule of logrotate for a log file: found and told once, that file is left to it, others are ours', async () => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  const directory = join(sandbox.dir, 'logs');
  const rules = join(sandbox.dir, 'logrotate.d');
  mkdirSync(rules);
  await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 100, seconds: 3600 });
  const rig = await rotationOf(sandbox.pm2Home, directory, { compress: false, logrotatePlaces: [rules] });
  after(() => rig.close());
  writeFileSync(
    join(rules, 'apps'),
    `# by the admin\n/var/log/*.log\n"${directory}/w-o*.log" {\n  daily\n  copytruncate\n  postrotate\n    echo \${X} }\n  endscript\n}\n`,
  );
  await until('lines', () => lstatSync(join(directory, 'w-out.log')).size > 0);
  appendFileSync(join(directory, 'w-err.log'), 'a line\n');
  for (let i = 0; i < 2; i++) await rig.rotator.rotateNow();
  const names = readdirSync(directory);
  assert.ok(!names.some((name) => /^w-out-/.test(name)), names.join());
  assert.ok(
    names.some((name) => /^w-err-\d/.test(name)),
    names.join(),
  );
  const told = rig.events.flatMap((event) => (event.kind === 'stands-back' ? event : []));
  assert.deepEqual(
    told.map(({ rival, paths }) => [rival, paths]),
    [[join(rules, 'apps'), [join(directory, 'w-out.log')]]],
  );
});

test('two lifeguards in one PM2: each rotates its own; one keeps what is of no project, and the other when that one is gone', async () => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  const folder = (name: string) => join(sandbox.dir, name);
  const writing = { linesPerSecond: 1_000, seconds: 3600 };
  const writers = {
    mine: await startWriting(sandbox, {
      ...writing,
      name: 'mine',
      directory: folder('mine'),
      owner: '/mine/ecosystem.config.ts',
    }),
    other: await startWriting(sandbox, {
      ...writing,
      name: 'other',
      directory: folder('other'),
      owner: '/other/ecosystem.config.ts',
    }),
    nobodys: await startWriting(sandbox, { ...writing, name: 'nobodys', directory: folder('nobodys'), owner: null }),
  };
  const other = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'test/support/log-rotator.ts')], {
    cwd: ROOT,
    env: { ...sandbox.env, LOGS: folder('other'), OWNER: '/other/ecosystem.config.ts', EVERY: '300' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  after(() => other.kill('SIGKILL'));
  await once(other.stdout, 'data');

  const rig = await rotationOf(sandbox.pm2Home, folder('mine'), { owner: '/mine/ecosystem.config.ts' });
  after(() => rig.close());
  const rotatedByUs = () => new Set(rig.events.flatMap((event) => (event.kind === 'rotated' ? basename(event.live) : [])));
  for (let rounds = 0; rounds < 5; ) if ((await rig.rotator.rotateNow()).rotated.length > 0) rounds++;
  assert.deepEqual([...rotatedByUs()], ['mine-out.log']);
  await until(
    'the other to rotate its own',
    () => readdirSync(folder('other')).filter((name) => /^other-out-.*\.gz$/.test(name)).length > 1,
    {
      deadlineMs: 40_000,
    },
  );
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  await until('what is of no project to be ours', async () => {
    await rig.rotator.rotateNow();
    return rotatedByUs().has('nobodys-out.log') && rotatedByUs().has('pm2.log');
  });
  assert.ok(!rotatedByUs().has('other-out.log'), 'what is another project’s stays so when its lifeguard is gone');

  const names = ['mine', 'other', 'nobodys'] as const;
  for (const name of names) writers[name].stop();
  // Killed in the middle of a rotation, it left two names for one file: its successor finds that.
  const successor = await rotationOf(sandbox.pm2Home, folder('other'), { owner: '/other/ecosystem.config.ts' });
  after(() => successor.close());
  for (const name of names) {
    const { written } = await writers[name].done();
    await finish(name === 'other' ? successor : rig);
    const { lost, duplicated, torn, files } = await tally(folder(name), `${name}-out`, written);
    assert.deepEqual({ name, lost, duplicated, torn }, { name, lost: 0, duplicated: 0, torn: 0 });
    assert.ok(files > 2, `${name} was rotated`);
  }
  assert.deepEqual(kindsOf(rig.events.filter(({ kind }) => kind === 'failed')), []);
});

test('another lifeguard was killed between swap and reload: a rotation of ours puts nothing of its files into them twice', async () => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  const folder = (name: string) => join(sandbox.dir, name);
  const start = (name: string) =>
    startWriting(sandbox, {
      linesPerSecond: 2_000,
      seconds: 3600,
      name,
      directory: folder(name),
      owner: `/${name}/ecosystem.config.ts`,
    });
  const [mine, other] = [await start('mine'), await start('other')];
  const rig = await rotationOf(sandbox.pm2Home, folder('mine'), { owner: '/mine/ecosystem.config.ts' });
  after(() => rig.close());
  for (const second of [1, 2, 3]) {
    const live = join(folder('other'), 'other-out.log');
    await until('a line', () => lstatSync(live).size > 0);
    swap(prepareSwap(live, join(folder('other'), `other-out-2026-11-28T00-00-0${second}Z.log`)));
    await until('ours to be rotated', async () => (await rig.rotator.rotateNow()).rotated.length > 0);
  }
  assert.deepEqual(
    rig.events.filter(({ kind }) => kind === 'repaired' || kind === 'unverified' || kind === 'failed'),
    [],
  );
  for (const [name, writers] of Object.entries({ mine, other })) {
    writers.stop();
    const { written } = await writers.done();
    await finish(rig);
    const { lost, duplicated, torn } = await tally(folder(name), `${name}-out`, written);
    assert.deepEqual({ name, lost, duplicated, torn }, { name, lost: 0, duplicated: 0, torn: 0 });
  }
});

async function pm2(sandbox: Sandbox, args: readonly string[], cwd = sandbox.dir): Promise<void> {
  const { code, stdout, stderr } = await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), ...args], {
    cwd,
  });
  if (code !== 0) throw new Error(`pm2 ${args.join(' ')}: ${stdout}${stderr}`);
}

function kindsOf(events: readonly { kind: string }[]): string[] {
  return events.map(({ kind }) => kind);
}
