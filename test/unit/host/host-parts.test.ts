import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactCommand } from '../../../src/host/command-line.ts';
import { memoryCgroup } from '../../../src/host/linux/oom-count.ts';
import { parseStat } from '../../../src/host/linux/process-table.ts';
import { parseListeners } from '../../../src/host/linux/sockets.ts';
import { watchOom } from '../../../src/host/memory/oom-watch.ts';
import { parseEnvironment, parsePs } from '../../../src/host/portable/ps.ts';
import type { ProcessRow } from '../../../src/host/processes/process-row.ts';
import { ancestorsOf, treeOf } from '../../../src/host/processes/trees.ts';

test('/proc/PID/stat, whatever the name is', () => {
  const line = '4242 (a) b (c) S 17 4242 4242 0 -1 4194560 9 0 0 0 150 50 20 10 20 0 11 0 98765 1000 200 18446744073709551615';
  assert.deepEqual(parseStat(line), {
    pid: 4242,
    state: 'S',
    ppid: 17,
    session: 4242,
    cpuMs: 2_300,
    threads: 11,
    startTime: 98765,
  });
});

test('what ps prints elsewhere', () => {
  const table = parsePs(
    [
      '    1     0     1 Ss   03:04.50 Tue Nov 24 09:00:00 2026',
      ' 4242     1  4242 S+ 1-02:03:04 Tue Nov 24 10:00:00 2026',
      'rubbish',
      '',
    ].join('\n'),
  );
  assert.deepEqual([...table.keys()], [1, 4242]);
  assert.equal(table.get(1)?.cpuMs, 184_500);
  assert.equal(table.get(4242)?.cpuMs, 93_784_000);
  assert.equal(table.get(4242)?.startTime, Date.parse('Tue Nov 24 10:00:00 2026'));
  assert.deepEqual(treeOf(4242, table), [4242]);
});

test('a tree: by parent, by session, not by the dead; a circle ends', () => {
  const table = tableOf([
    { pid: 10, ppid: 1, session: 10 },
    { pid: 11, ppid: 10, session: 10 },
    { pid: 12, ppid: 11, session: 12 },
    { pid: 13, ppid: 1, session: 12 },
    { pid: 14, ppid: 10, session: 10, state: 'Z' },
    { pid: 15, ppid: 1, session: 15 },
    { pid: 20, ppid: 21, session: 1 },
    { pid: 21, ppid: 20, session: 1 },
  ]);
  assert.deepEqual(treeOf(10, table), [10, 11, 12, 13]);
  assert.deepEqual(treeOf(14, table), []);
  assert.deepEqual(treeOf(99, table), []);
  assert.deepEqual(treeOf(0, table), [], "PM2's word for no process is nobody's tree");
  assert.deepEqual(ancestorsOf(12, table), [11, 10, 1]);
  assert.deepEqual(ancestorsOf(20, table), [21, 20]);
});

test('secrets on a command line', () => {
  const cases: [string[], string][] = [
    [['node', 'server.js', '--port', '5555'], 'node server.js --port 5555'],
    [['app', '--password=hunter2', '--db-password', 'hunter2', '--x'], 'app --password=*** --db-password *** --x'],
    [['app', '--token', '--verbose', 'plain'], 'app --token --verbose plain'],
    [['env', 'API_KEY=hunter2', 'DB_PASSWORD=hunter2', 'PORT=1'], 'env API_KEY=*** DB_PASSWORD=*** PORT=1'],
    [['psql', 'postgres://me:hunter2@db/x'], 'psql postgres://me:***@db/x'],
    [['app', '--url=redis://:hunter2@db/1'], 'app --url=redis://:***@db/1'],
    [['app', '--compass=north', '--tokenizer', 'x'], 'app --compass=north --tokenizer x'],
    [['a\u001b[2Jb\n'], 'a [2Jb'],
  ];
  for (const [args, expected] of cases) assert.equal(redactCommand(args), expected);
  assert.equal(redactCommand(['x'.repeat(1_000)]).length, 300);
});

test('only listeners count in /proc/net/tcp6', () => {
  const table = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:15B3 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 34567 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:15B3 00000000000000000000000001000000:A0F2 01 00000000:00000000 00:00000000 00000000  1000        0 34999 1 0 20 4 30 10 -1
`;
  assert.deepEqual(parseListeners(table), [{ port: 5555, inode: '34567', uid: 1000, waiting: 0 }]);
});

test('the memory cgroup: v2, v1, hybrid, in a container', () => {
  const v2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
  const v1 = '33 25 0:29 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory';
  const hybrid = `${v1}\n31 25 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`;
  const service = '/system.slice/pm2-app.service';
  assert.deepEqual(memoryCgroup(`0::${service}`, v2), { version: 2, directory: `/sys/fs/cgroup${service}` });
  assert.deepEqual(memoryCgroup(`9:name=systemd:/\n4:memory:${service}\n0::/`, hybrid), {
    version: 1,
    directory: `/sys/fs/cgroup/memory${service}`,
  });
  assert.deepEqual(
    memoryCgroup('4:memory:/docker/abc/app', '33 25 0:29 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'),
    {
      version: 1,
      directory: '/sys/fs/cgroup/memory/app',
    },
  );
  assert.equal(memoryCgroup('', ''), null);
});

test('the environment as ps shows it, in one line: what could be part of another value is left out', () => {
  const shown = 'A=1 PM2_HOME=/home/me/my pm2 LIFEGUARD_APP=api NOTE=see LIFEGUARD_APP=other B= C=x=y';
  assert.deepEqual(Object.fromEntries(parseEnvironment(shown)), {
    A: '1',
    PM2_HOME: '/home/me/my pm2',
    NOTE: 'see',
    B: '',
    C: 'x=y',
  });
});

test('an OOM kill explains one exit, and none that comes much later', () => {
  const time = { now: 0, kills: 7 as number | null };
  const watch = watchOom(
    () => time.kills,
    () => time.now,
  );
  assert.equal(watch.takeKill(), false, 'what was before it began');
  time.kills = 9;
  assert.deepEqual([watch.takeKill(), watch.takeKill(), watch.takeKill()], [true, true, false], 'two at once explain two');

  time.kills = 10;
  time.now += 5_000;
  watch.look();
  time.now += 3_600_000;
  assert.equal(watch.takeKill(), false, 'an OOM kill an hour ago is not why a process was killed today');

  time.kills = null;
  assert.equal(watch.takeKill(), false, 'not known');
  time.kills = 3;
  assert.equal(watch.takeKill(), false, 'another cgroup counts anew');
  time.kills = 4;
  assert.equal(watch.takeKill(), true);
});

function tableOf(rows: readonly (Pick<ProcessRow, 'pid' | 'ppid' | 'session'> & { state?: string })[]): Map<number, ProcessRow> {
  return new Map(rows.map((row) => [row.pid, { state: 'S', startTime: row.pid, threads: 1, cpuMs: 0, ...row }]));
}
