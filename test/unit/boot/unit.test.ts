// The unit that `lifeguard boot install` writes, and what picks its Node.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { attachTree } from '../../../src/boot/attach.ts';
import { groupsOf } from '../../../src/boot/cgroups.ts';
import { savedFindings } from '../../../src/boot/findings.ts';
import { type BootFacts, bootUnit } from '../../../src/boot/unit.ts';
import { refuseTwoUnits, removeUnit, unitPlaceOf, userPlaceIn, writeUnit, writtenUnit } from '../../../src/boot/unit-place.ts';
import { isWatched } from '../../../src/boot/watch.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import { RECORD_KEY } from '../../../src/pm2/ownership/record.ts';
import { until } from '../../support/poll.ts';
import { ROOT } from '../../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifeguard-unit-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const FACTS: BootFacts = {
  user: 'deploy',
  pm2Home: '/home/deploy/.pm2',
  node: '/home/deploy/.nvm/versions/node/v20.19.6/bin/node',
  file: '/srv/my shop/ecosystem.config.ts',
  packageFolder: '/srv/my shop/node_modules/pm2-lifeguard',
  needs: ['/home/deploy/.pm2', '/srv/my shop'],
  startMs: 90_000,
  stopMs: 90_000,
};

test('a unit of its own names all, with spaces in folders, and never gives up', () => {
  const text = bootUnit(FACTS, 'system');
  for (const line of [
    'RequiresMountsFor=/home/deploy/.pm2 "/srv/my shop"',
    'StartLimitIntervalSec=0',
    'PIDFile=/home/deploy/.pm2/pm2.pid',
    'ExecStart=/bin/sh "/srv/my shop/node_modules/pm2-lifeguard/bin/node-at-boot.sh" /home/deploy/.nvm/versions/node/v20.19.6/bin/node "/srv/my shop/node_modules/pm2-lifeguard/bin/at-boot.js"',
    'OOMPolicy=continue',
    'WantedBy=multi-user.target',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  assert.doesNotMatch(text, /ExecStop/);
});

test("in a user's own systemd it says nothing that only the machine's knows, and may take a running daemon over", () => {
  const text = bootUnit(FACTS, 'user');
  assert.doesNotMatch(text, /^(User|LimitNOFILE|LimitNPROC|RequiresMountsFor|After)=/m);
  for (const line of ['Delegate=yes', 'StartLimitIntervalSec=0', 'WantedBy=default.target', 'Restart=on-failure'])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  const place = userPlaceIn(join(folder, 'deploy'));
  assert.equal(place.path, join(folder, 'deploy/.config/systemd/user/pm2-lifeguard.service'));
  writeUnit(place, text);
  assert.equal(writtenUnit(place), text);
  assert.equal(removeUnit(place), true);
  assert.equal(writtenUnit(place), null);
});

test("the watch over a daemon that is no child of the user's systemd has the unit started anew when it is killed, and not when it has ended in order", async () => {
  const tools = join(folder, 'tools');
  const pidFile = join(folder, 'pm2.pid');
  const asked = join(folder, 'asked');
  mkdirSync(tools);
  writeFileSync(join(tools, 'systemctl'), `#!/bin/sh\necho "$*" >>'${asked}'\n`);
  chmodSync(join(tools, 'systemctl'), 0o755);
  const watch = async (isKilled: boolean) => {
    const daemon = spawn('sleep', ['60']);
    writeFileSync(pidFile, String(daemon.pid));
    const env = { PATH: `${tools}:/usr/bin:/bin` };
    const line = [join(ROOT, 'bin/watch-daemon.sh'), String(daemon.pid), pidFile, 'pm2-lifeguard.service'];
    const watcher = spawn('/bin/sh', line, { env });
    const over = once(watcher, 'exit');
    if (!isKilled) rmSync(pidFile);
    daemon.kill('SIGKILL');
    await over;
    return existsSync(asked) ? readFileSync(asked, 'utf8') : '';
  };
  assert.equal(await watch(false), '');
  assert.equal(await watch(true), '--user --no-block restart pm2-lifeguard.service\n');
});

test('what looks once more after a start takes the place of a daemon that is gone, and fails; it leaves alone one that lives, another one, and none', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const look = async (daemon: number | undefined, inFile: string) => {
    const pidFile = join(mkdtempSync(join(folder, 'unseen-')), 'pm2.pid');
    writeFileSync(pidFile, inFile);
    const looking = spawn('/bin/sh', [join(ROOT, 'bin/ended-unseen.sh'), String(daemon), pidFile]);
    const [code] = await once(looking, 'exit');
    return { code, says: readFileSync(pidFile, 'utf8').trim(), pid: String(looking.pid) };
  };
  const [lost, lives, another, none] = await Promise.all([
    look(gone.pid, String(gone.pid)),
    look(process.pid, String(process.pid)),
    look(gone.pid, String(process.pid)),
    look(gone.pid, ''),
  ]);
  assert.equal(lost.code, 75);
  assert.equal(lost.says, lost.pid);
  assert.deepEqual([lives.code, lives.says], [0, String(process.pid)]);
  assert.deepEqual([another.code, another.says], [0, String(process.pid)]);
  assert.deepEqual([none.code, none.says], [0, '']);
});

/** A `systemctl` that knows one unit. */
function withSystemctl<T>(known: string, body: () => T): T {
  const tools = mkdtempSync(join(folder, 'systemctl-'));
  writeFileSync(
    join(tools, 'systemctl'),
    `#!/bin/sh\n[ "$2" = '${known}' ] && echo LoadState=loaded || echo LoadState=not-found\n`,
  );
  chmodSync(join(tools, 'systemctl'), 0o755);
  const was = process.env.PATH;
  process.env.PATH = `${tools}:${was}`;
  try {
    return body();
  } finally {
    process.env.PATH = was;
  }
}

test("no second unit for one PM2: not the user's beside root's, nor root's beside the user's; each says what to do first", () => {
  const home = mkdtempSync(join(folder, 'home-'));
  const beside = (known: string, wanted: 'system' | 'user') => () =>
    withSystemctl(known, () => refuseTwoUnits('deploy', wanted, home));
  beside('pm2-other.service', 'user')();
  assert.throws(beside('pm2-deploy.service', 'user'), {
    code: 'two-units',
    message: /pm2-deploy\.service of the machine's own systemd starts this PM2 already/,
    hint: /lifeguard boot remove --user deploy/,
  });

  beside('pm2-deploy.service', 'system')();
  writeUnit(userPlaceIn(home), bootUnit(FACTS, 'user'));
  assert.throws(beside('pm2-deploy.service', 'system'), {
    code: 'two-units',
    message: /deploy's own systemd starts this PM2 already/,
    hint: /as deploy first: npx lifeguard boot remove/,
  });
});

test('whether anybody waits for the end of a daemon that a login has started: while the program for it runs', async () => {
  const daemon = spawn('sleep', ['60']);
  const { pid = 0 } = daemon;
  const watcher = spawn('/bin/sh', [join(ROOT, 'bin/watch-daemon.sh'), String(pid), '/nowhere', 'pm2-lifeguard.service']);
  try {
    await until('the program to run', () => isWatched(pid));
    assert.equal(isWatched(process.pid), false, 'it waits for one daemon alone');
    watcher.kill('SIGKILL');
    await once(watcher, 'exit');
    assert.equal(isWatched(pid), false);
  } finally {
    daemon.kill('SIGKILL');
  }
});

test("where a user's D-Bus is not there, what a login has started is moved by hand, or it is said that this may not be", async (t) => {
  const daemon = spawn('sleep', ['60']);
  const { pid = 0 } = daemon;
  const was = process.env.DBUS_SESSION_BUS_ADDRESS;
  process.env.DBUS_SESSION_BUS_ADDRESS = `unix:path=${folder}/no-bus`;
  const [hierarchy, path] = [...(groupsOf(pid) ?? [])].find(([name]) => name === 'name=systemd') ?? ['', '/'];
  const tree = join('/sys/fs/cgroup', hierarchy.replace('name=', ''), path);
  const group = `lifeguard-unit-test-${process.pid}`;
  const into = (name: string) => new Map([[hierarchy, join(path, name)]]);
  const move = (name: string) => attachTree(thisHost({}), pid, 'pm2-lifeguard.service', into(name));
  try {
    assert.equal(await move('nowhere'), false);
    try {
      mkdirSync(join(tree, group));
    } catch (error) {
      return t.diagnostic(`no control groups for this user here: ${String(error)}`);
    }
    assert.equal(await move(group), true);
    assert.equal(groupsOf(pid)?.get(hierarchy), join(path, group));
  } finally {
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    if (existsSync(join(tree, group))) rmdirSync(join(tree, group));
    if (was === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
    else process.env.DBUS_SESSION_BUS_ADDRESS = was;
  }
});

test('over the unit of pm2 startup its commands are taken away first, and nothing of it is written to', () => {
  writeFileSync(join(folder, 'pm2-deploy.service'), '[Service]\nExecStop=/usr/bin/pm2 kill\n');
  const place = unitPlaceOf('deploy', folder);
  assert.equal(place.kind, 'drop-in');
  const text = bootUnit(FACTS, 'drop-in');
  assert.match(text, /^ExecStart=\nExecStart=\/bin\/sh/m);
  assert.match(text, /^ExecStop=$/m);
  writeUnit(place, text);
  assert.equal(writtenUnit(place), text);
  assert.equal(removeUnit(place), true);
  assert.equal(removeUnit(place), false);
  assert.equal(writtenUnit(unitPlaceOf('deploy', folder)), null);
});

test('a saved list is stale when it lacks an app, has one too many, or has it as it was declared before', () => {
  const app = (name: string, digest: string) => ({
    name,
    env: { [RECORD_KEY]: { file: FACTS.file, role: 'backend', at: '1', args: digest } },
  });
  const stale = (listed: string[][], saved: string[][]) =>
    savedFindings({
      listed: listed.map(([name = '', digest = '']) => app(name, digest)),
      saved: saved.map(([name = '', digest = '']) => app(name, digest)),
      isOurs: () => true,
    }).map(({ text }) => text);
  assert.deepEqual(stale([['api', 'a']], [['api', 'a']]), []);
  assert.deepEqual(
    stale(
      [
        ['api', 'a'],
        ['web', 'a'],
      ],
      [
        ['api', 'b'],
        ['gone', 'a'],
      ],
    ),
    ["PM2's saved list is not what runs: api, web, gone"],
  );
});

/** A Node that says which it is, and runs the program. */
function fakeNode(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\necho "${path} $*"\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the Node of the unit runs the program; where it is gone the newest that can', () => {
  const home = join(folder, 'home of deploy');
  const named = fakeNode(join(folder, 'named/node'), 'v20.19.0');
  const versions = join(home, '.nvm/versions/node');
  for (const old of ['v9.9.9', 'v20.18.3', 'v20.2.0']) fakeNode(join(versions, old, 'bin/node'), old);
  fakeNode(join(versions, 'v22.3.0/bin/node'), 'v22.3.0');
  const newest = fakeNode(join(versions, 'v22.20.0/bin/node'), 'v22.20.0');
  symlinkSync('/nowhere', join(versions, 'v30.0.0'));
  // As a power cut in the middle of an installation may leave it: a shell takes it for a script that does nothing, and ends well.
  writeFileSync(fakeNode(join(versions, 'v26.0.0/bin/node'), 'v26.0.0'), '');
  const run = () =>
    spawnSync('/bin/sh', [join(ROOT, 'bin/node-at-boot.sh'), named, 'a b.js'], {
      encoding: 'utf8',
      env: { HOME: home, PATH: '/usr/bin:/bin' },
    });
  assert.equal(run().stdout, `${named} a b.js\n`);
  fakeNode(named, 'v20.18.3');
  assert.ok(run().stdout.endsWith(`${newest} a b.js\n`), 'too old');
  rmSync(named);
  const { stdout, status } = run();
  assert.equal(status, 0);
  assert.match(stdout, /named\/node is gone: /);
  assert.ok(stdout.endsWith(`${newest} a b.js\n`), stdout);
});
