import assert from 'node:assert/strict';
import {
  appendFileSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LogPolicy } from '../../../src/config/resolved.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import type { LogEvent } from '../../../src/logs/log-event.ts';
import { rotatedName } from '../../../src/logs/on-disk/names.ts';
import { createRotator } from '../../../src/logs/rotator.ts';
import type { LogSource } from '../../../src/logs/sources.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** A folder with one log file that is opened anew for every line, and a rotator with clocks that the test moves. */
function rig(policy: Partial<LogPolicy> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-logs-'));
  after(() => rmSync(directory, { recursive: true }));
  const whole = { directory, maxSizeBytes: 1000, retainMs: 10 * DAY, compress: true, maxTotalBytes: null, files: [], ...policy };
  const live = join(directory, 'app.log');
  const source: LogSource = {
    path: live,
    app: 'app',
    policy: whole,
    writing: 'by-path',
    keeping: 'ours',
    rival: null,
    streams: [],
    pids: [],
  };
  const time = { wall: Date.UTC(2026, 10, 24, 12, 30), monotonic: 0 };
  const events: LogEvent[] = [];
  const create = () =>
    createRotator({
      host: thisHost({}),
      exclusively: (work) => work(),
      sources: async () => [source],
      reload: async () => undefined,
      busPath: join(directory, 'no-bus'),
      clock: { now: () => time.monotonic, wallNow: () => time.wall },
      report: (event) => events.push(event),
    });
  return {
    directory,
    live,
    time,
    events,
    create,
    names: () => readdirSync(directory).toSorted(),
    path: (name: string) => join(directory, name),
    pass: (ms: number) => {
      time.wall += ms;
      time.monotonic += ms;
    },
  };
}

test('of 15 days of files 10 are kept, once the clock is believed; others are never touched', async () => {
  const { time, names, path, create, live } = rig();
  writeFileSync(live, '');
  const made = Array.from({ length: 15 }, (_, day) => `${rotatedName('app.log', time.wall - day * DAY - 3_600_000)}.gz`);
  for (const name of made) writeFileSync(path(name), gzipSync('line\n'));
  const others = [
    'app-2020-01-01.log.gz',
    'app-2020-01-01T00-00-00Z.log.gz.bak',
    'other-2020-01-01T00-00-00Z.log.gz',
    'notes.txt',
  ];
  for (const name of others) writeFileSync(path(name), '');
  writeFileSync(path('far-away'), 'x');
  symlinkSync(path('far-away'), path('app-2020-01-01T00-00-00Z.log.gz'));
  await create().tick();
  const kept = [...made.slice(0, 10), ...others, 'far-away', 'app-2020-01-01T00-00-00Z.log.gz', 'app.log'];
  assert.deepEqual(names(), kept.toSorted());
});

test('a clock that jumps a year ahead and back deletes nothing within the next hour, also across a restart', async () => {
  const { time, names, path, create, pass, live, events } = rig();
  writeFileSync(live, '');
  for (let day = 0; day < 9; day++) writeFileSync(path(`${rotatedName('app.log', time.wall - day * DAY - 3_600_000)}.gz`), 'x');
  const before = names();
  const rotator = create();
  await rotator.tick();
  time.wall += YEAR;
  for (let minute = 0; minute < 59; minute++) {
    pass(60_000);
    await rotator.tick();
  }
  // lifeguard is restarted while the clock is wrong, and a line is written.
  writeFileSync(live, 'line\n');
  await create().tick();
  time.wall -= YEAR;
  for (let minute = 0; minute < 59; minute++) {
    pass(60_000);
    await rotator.tick();
  }
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'removed'),
    [],
  );
  assert.ok(before.every((name) => names().includes(name)));
});

test('by size, and the two rotations within one second have names of their own', async () => {
  const { live, create, names, path } = rig();
  const rotator = create();
  for (const letter of ['a', 'b', 'c']) {
    writeFileSync(live, `${letter.repeat(1000)}\n`);
    await rotator.tick();
  }
  writeFileSync(live, 'd\n');
  await rotator.tick();
  await rotator.settled();
  assert.deepEqual(names(), [
    'app-2026-11-24T12-30-00Z.log.gz',
    'app-2026-11-24T12-30-00Z_002.log.gz',
    'app-2026-11-24T12-30-00Z_003.log.gz',
    'app.log',
  ]);
  const [first = '', , third = ''] = names();
  assert.equal(gunzipSync(readFileSync(path(first))).toString(), `${'a'.repeat(1000)}\n`);
  assert.equal(gunzipSync(readFileSync(path(third))).toString(), `${'c'.repeat(1000)}\n`);
  for (const name of names()) assert.equal(lstatSync(path(name)).mode & 0o777, 0o640, name);
});

test('a live file that is a symbolic link is left alone, and told once', async () => {
  const { live, create, path, events, names } = rig();
  writeFileSync(path('elsewhere'), 'x'.repeat(2000));
  symlinkSync(path('elsewhere'), live);
  const rotator = create();
  for (let i = 0; i < 3; i++) await rotator.rotateNow();
  assert.deepEqual(names(), ['app.log', 'elsewhere']);
  assert.deepEqual(
    events.map((event) => (event.kind === 'failed' ? event.code : event.kind)),
    ['SYMLINK'],
  );
});

test('a file of the future, as after the clock went back, is no file of another day', async () => {
  const { live, create, names, time, pass } = rig();
  time.wall = Date.now() - 3 * DAY;
  writeFileSync(live, 'line\n');
  const rotator = create();
  await rotator.tick();
  assert.deepEqual(names(), ['app.log']);
  pass(DAY);
  await rotator.tick();
  await rotator.settled();
  assert.equal(names().length, 2, 'the next day');
});

const LINK = 'a hard link to the live file';

test('what a kill left is finished or taken back at the next start', async () => {
  const name = 'app-2026-11-24T12-10-00Z.log';
  const cases: Record<string, Record<string, string | Buffer>> = {
    'an empty successor': { '.app.log.next': '' },
    'half an archive': { [name]: 'old\n', [`.${name}.gz.partial`]: 'ha' },
    'an archive and its original': { [name]: 'old\n', [`${name}.gz`]: gzipSync('old\n') },
    'a copy that was not cut': { [`.${name}.copy`]: 'live' },
    'a copy whose file was cut': { [`.${name}.copy`]: 'old\n' },
    'the begin of a note': { [name]: 'old\n', [`.${name}.join.new`]: '{' },
    'half an archive of a file that is gone': { [`.${name}.gz.partial`]: 'ha' },
    'a second name, not yet swapped': { [name]: LINK },
  };
  for (const [left, files] of Object.entries(cases)) {
    const { live, create, names, path } = rig();
    writeFileSync(live, 'live\n');
    for (const [file, text] of Object.entries(files)) {
      if (text === LINK) linkSync(live, path(file));
      else writeFileSync(path(file), text);
    }
    const rotator = create();
    await rotator.tick();
    appendFileSync(live, 'more\n');
    await rotator.settled();
    const text = names()
      .map((each) => (each.endsWith('.gz') ? gunzipSync(readFileSync(path(each))) : readFileSync(path(each))).toString())
      .join('');
    const hadOld = Object.values(files).includes('old\n');
    assert.equal(text, `${hadOld ? 'old\n' : ''}live\nmore\n`, left);
    assert.deepEqual(names(), hadOld ? [`${name}.gz`, 'app.log'] : ['app.log'], left);
  }
});

test('a note that somebody else planted in a folder that he may write to blanks no file', async () => {
  const { live, create, names, path } = rig();
  const victim = join(mkdtempSync(join(tmpdir(), 'lifeguard-victim-')), 'shadow');
  after(() => rmSync(dirname(victim), { recursive: true }));
  writeFileSync(victim, 'root:secret\nmore\n', { mode: 0o600 });
  const torn = rotatedName('app.log', Date.now() - 60_000);
  writeFileSync(path(torn), 'cut');
  writeFileSync(live, 'rest\n');
  const rest = Buffer.from('root:secret\n').toString('base64');
  const note = JSON.stringify({ next: victim, nextInode: lstatSync(victim).ino, bytes: 0, rest });
  writeFileSync(path(`.${torn}.join`), note, { mode: 0o644 });
  if (process.getuid?.() === 0) for (const name of [`.${torn}.join`, torn, '.']) chownSync(path(name), 65534, 65534);
  const rotator = create();
  await rotator.tick();
  await rotator.settled();
  assert.equal(readFileSync(victim, 'utf8'), 'root:secret\nmore\n');
  assert.equal(gunzipSync(readFileSync(path(`${torn}.gz`))).toString(), 'cutrest\n', 'the cut line is joined all the same');
  assert.ok(!names().includes(torn));
});
