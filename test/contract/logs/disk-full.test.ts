import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, statfsSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotatedName } from '../../../src/logs/on-disk/names.ts';
import { finish, rotationOf, startWriting } from '../../support/log-rotation.ts';
import { tally } from '../../support/log-tally.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { Sandbox } from '../../support/sandbox.ts';

const DAY_MS = 86_400_000;
const root = process.getuid?.() === 0;
if (!root) console.error('NOT TESTED: a full disk needs root, to mount a tmpfs of 64 MB');

test('a disk filled to the last byte: the backend answers throughout, then lines flow again; only what the kernel refused is missing', {
  skip: root ? false : 'not root: no tmpfs can be mounted',
}, async () => {
  const sandbox = new Sandbox();
  const directory = smallDisk(sandbox, '64m');

  const port = await freePort();
  const writing = await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 2_000, seconds: 3600, port });
  const rig = await rotationOf(sandbox.pm2Home, directory, { maxSizeBytes: 100_000 });
  after(() => rig.close());
  const lines = () =>
    fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) }).then(async (r) => Number(await r.text()));
  const told = (kind: string) => rig.events.filter((event) => event.kind === kind).length;
  let over = false;
  const ticking = (async () => {
    while (!over) await rig.rotator.tick().then(() => sleep(100));
  })();

  await until('an archive', () => told('archived') > 0);
  const before = await lines();
  fill(join(directory, 'filler'));
  await until('the alert', () => told('disk-full') === 1, { deadlineMs: 40_000 });
  const full = await lines();
  await until('2,000 lines more', async () => (await lines()) > full + 2_000);
  assert.equal(statfsSync(directory).bfree, 0);
  unlinkSync(join(directory, 'filler'));
  const freed = await lines();
  await until('the end of it', () => told('space-back') === 1);
  await until('2,000 lines more', async () => (await lines()) > freed + 2_000);

  writing.stop();
  const { written } = await writing.done();
  over = true;
  await ticking;
  await finish(rig);
  const { lost, duplicated, torn, lostBetween } = await tally(directory, 'w-out', written);
  assert.equal(duplicated, 0);
  // The line at which the disk was full.
  assert.ok(torn <= 1, `${torn} torn`);
  assert.ok(lost > 0 && lostBetween, 'the kernel refused nothing: the test tests nothing');
  const [first, last] = lostBetween;
  // That there is room again is seen within 50 ms, which are 100 lines; twice that on a busy machine.
  assert.ok(first >= before && last < freed + 200, `lost ${first} to ${last}; full after ${before}, room again before ${freed}`);
  assert.equal(told('failed'), 0);
  assert.equal(told('disk-full'), 1);
});

test('a disk that stays full: room is made as soon as something may go, not only at the first look', {
  skip: root ? false : 'not root: no tmpfs can be mounted',
}, async () => {
  const sandbox = new Sandbox();
  const directory = smallDisk(sandbox, '16m');
  await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 100, seconds: 3600 });
  // With retain alone what is younger than a day stays: these are older than that in a few seconds.
  const old = [0, 1_000].map((ms) => `${rotatedName('w-out.log', Date.now() - DAY_MS + 12_000 + ms)}.gz`);
  for (const name of [...old, `${rotatedName('w-out.log', Date.now() - 60_000)}.gz`])
    writeFileSync(join(directory, name), Buffer.alloc(1e6));
  const rig = await rotationOf(sandbox.pm2Home, directory);
  after(() => rig.close());
  const told = (kind: string) => rig.events.filter((event) => event.kind === kind).length;
  fill(join(directory, 'filler'));
  await until('the alert', () => rig.rotator.tick().then(() => told('disk-full') === 1));
  assert.equal(told('removed'), 0, 'nothing may go yet: the test tests nothing');
  await until('room', () => rig.rotator.tick().then(() => told('space-back') === 1), { deadlineMs: 40_000 });
  assert.ok(!existsSync(join(directory, old[0] ?? '')));
  const size = () => lstatSync(join(directory, 'w-out.log')).size;
  const before = size();
  await until('lines', () => size() > before);
  assert.equal(told('disk-full'), 1);
});

/** A disk of its own for a sandbox's logs. */
function smallDisk(sandbox: Sandbox, size: string): string {
  const directory = join(sandbox.dir, 'logs');
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
  after(async () => {
    execFileSync('umount', ['-l', directory]);
    await sandbox.dispose();
  });
  return directory;
}

/** Writes until not one byte more is taken. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 1; ) {
      try {
        writeSync(fd, Buffer.alloc(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(fd);
  }
}
