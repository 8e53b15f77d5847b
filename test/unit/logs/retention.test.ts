import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ClockTrust, firstLook, isTrusted, nextLook } from '../../../src/logs/keeping/clock-trust.ts';
import { removals, removalsForSpace } from '../../../src/logs/keeping/retention.ts';
import { byTime } from '../../../src/logs/on-disk/names.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const now = Date.UTC(2026, 10, 24, 12);
const file = (ageMs: number, bytes = 10, sequence = 1) => ({
  path: `age-${ageMs / DAY}d-${sequence}`,
  atMs: now - ageMs,
  sequence,
  bytes,
  live: 'app.log',
});
const days = (n: number, bytes = 10) => Array.from({ length: n }, (_, i) => file(i * DAY + HOUR, bytes));
const tenDays = { retainMs: 10 * DAY, maxTotalBytes: null };
const believed = { wallMs: now, byAge: true, pending: new Set<string>() };

test('of 15 days, 10 are kept', () => {
  const gone = removals(days(15), tenDays, believed);
  assert.deepEqual(
    gone.map(({ path, why }) => `${path} ${why}`),
    [14, 13, 12, 11, 10].map((d) => `${file(d * DAY + HOUR).path} age`),
  );
  assert.deepEqual(removals(days(15), tenDays, { ...believed, byAge: false }), []);
});

test('beyond max_total the oldest go; of two in one second the first', () => {
  const gone = (maxTotalBytes: number) =>
    removals([file(DAY, 10, 2), file(DAY, 10, 1), file(0)], { retainMs: YEAR, maxTotalBytes }, believed).map(({ path }) => path);
  assert.deepEqual(gone(30), []);
  assert.deepEqual(gone(29), ['age-1d-1']);
  assert.deepEqual(gone(10), ['age-1d-1', 'age-1d-2']);
});

test('whatever there is: what stays is young enough and within the cap, and nothing goes without need', () => {
  const anyFile = fc.record({
    path: fc.uuid(),
    atMs: fc.integer({ min: now - YEAR, max: now + YEAR }),
    sequence: fc.integer({ min: 1, max: 3 }),
    bytes: fc.nat(1000),
    live: fc.constantFrom('out.log', 'err.log'),
  });
  fc.assert(
    fc.property(fc.array(anyFile), fc.option(fc.nat(5000)), fc.boolean(), (files, maxTotalBytes, byAge) => {
      const gone = removals(files, { retainMs: 10 * DAY, maxTotalBytes }, { ...believed, byAge });
      const kept = files.filter((each) => !gone.some(({ path }) => path === each.path));
      const total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(!byAge || kept.every(({ atMs }) => now - atMs <= 10 * DAY));
      const newest = new Set(new Map(files.toSorted(byTime).map((each) => [each.live, each])).values());
      const allNewest = kept.every((each) => newest.has(each));
      assert.ok(maxTotalBytes === null || total <= maxTotalBytes || allNewest);
      assert.ok(gone.every(({ path, why }) => why === 'age' || ![...newest].some((each) => each.path === path)));
      const lastForTotal = gone.findLast(({ why }) => why === 'total');
      if (lastForTotal && maxTotalBytes !== null) assert.ok(total + lastForTotal.bytes > maxTotalBytes);
    }),
  );
});

test('what was just rotated is never what the cap deletes: first it is compressed, and then it counts', () => {
  const cap = { retainMs: YEAR, maxTotalBytes: 20 };
  const [err, old, grown] = [{ ...file(HOUR, 1), live: 'err.log', path: 'err' }, file(DAY, 15), file(0, 6000)];
  const goes = (pending: string[]) =>
    removals([err, old, grown], cap, { ...believed, pending: new Set(pending) }).map(({ path }) => path);
  assert.deepEqual(goes([grown.path]), [], 'not compressed yet: it does not count');
  assert.deepEqual(goes([]), [old.path], 'as large as it is, the newest of each live file stays');
  assert.deepEqual(
    removalsForSpace([err, old, grown], cap, 1e9, believed).map(({ path }) => path),
    [old.path],
  );
});

test('a full disk takes the oldest, never the newest; where only an age was promised, nothing of the last day', () => {
  const files = days(4, 100);
  const capped = { retainMs: 10 * DAY, maxTotalBytes: 1e9 };
  const at = { wallMs: now, byAge: true };
  assert.deepEqual(
    removalsForSpace(files, tenDays, 1e9, at).map(({ path }) => path),
    [3, 2, 1].map((d) => file(d * DAY + HOUR, 100).path),
    'with retain alone the last day stays',
  );
  assert.deepEqual(removalsForSpace(files, tenDays, 1e9, { ...at, byAge: false }), [], 'a clock that jumped tells no age');
  assert.equal(removalsForSpace(files, capped, 150, at).length, 2);
  assert.equal(removalsForSpace(files, capped, 1e9, at).length, 3);
});

/** A rotator's looks at the clocks, each second: `jumps` are added to the wall clock at these seconds. */
function trustAfter(seconds: number, jumps: Record<number, number>, evidenceMs = [now - 2 * HOUR]): ClockTrust {
  let offset = 0;
  let trust = firstLook({ wallMs: now, monotonicMs: 0 }, evidenceMs);
  for (let second = 1; second <= seconds; second++) {
    offset += jumps[second] ?? 0;
    trust = nextLook(trust, { wallMs: now + offset + second * 1000, monotonicMs: second * 1000 });
  }
  return trust;
}

test('a clock that jumps a year ahead and back deletes nothing within the next hour', () => {
  assert.ok(isTrusted(trustAfter(10, {})));
  assert.ok(!isTrusted(trustAfter(3600, { 5: YEAR })));
  assert.ok(isTrusted(trustAfter(3605, { 5: YEAR })));
  assert.ok(!isTrusted(trustAfter(3700, { 5: YEAR, 200: -YEAR })));
  assert.ok(isTrusted(trustAfter(3800, { 5: YEAR, 200: -YEAR })));
  // A clock that is slewed, or corrected by a few seconds, is believed.
  assert.ok(isTrusted(trustAfter(100, { 5: 2_000, 6: -500, 7: 30_000 })));
});

test('a start with a clock that no file speaks for deletes nothing for an hour', () => {
  const start = (evidenceMs: number[]) => isTrusted(firstLook({ wallMs: now, monotonicMs: 0 }, evidenceMs));
  assert.ok(!start([]));
  assert.ok(start([now - 20 * DAY, now - DAY]));
  // A year ahead: the old files are old, the newest was written after the jump.
  assert.ok(!start([now - YEAR, now - YEAR - DAY, now - 1000]));
  assert.ok(!start([now + YEAR]));
});
