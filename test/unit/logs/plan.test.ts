import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotWait, localDay, whyDue } from '../../../src/logs/rotation/plan.ts';

const policy = { maxSizeBytes: 1000 };
const noon = Date.UTC(2026, 10, 24, 12);
const file = (bytes: number, sinceMs = noon) => ({ bytes, sinceMs });
const now = (wallMs = noon, demanded = false) => ({ wallMs, demanded });

test('due by size, by day, on demand; an empty file never', () => {
  assert.equal(whyDue(file(999), policy, now()), null);
  assert.equal(whyDue(file(1000), policy, now()), 'size');
  assert.equal(whyDue(file(1), policy, now(noon, true)), 'demand');
  assert.equal(whyDue(file(1), policy, now(noon + 24 * 3_600_000)), 'daily');
  assert.equal(whyDue(file(0), policy, now(noon + 24 * 3_600_000, true)), null);
});

/** The first minute within two days of `from` at which a file with a line in it becomes due, in this time zone. */
function dueAt(zone: string, from: string): string | null {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
  const start = Date.parse(from);
  for (let minute = 0; minute < 2 * 24 * 60; minute++) {
    const wallMs = start + minute * 60_000;
    if (whyDue(file(1, start), policy, now(wallMs), (ms) => day.format(ms)) === 'daily') return new Date(wallMs).toISOString();
  }
  return null;
}

test('a day ends at local midnight, also when it has 23 or 25 hours, or begins at 01:00', () => {
  const cases: [zone: string, from: string, due: string][] = [
    ['Europe/Berlin', '2026-11-24T10:00:00Z', '2026-11-24T23:00:00.000Z'],
    // 29 March has 23 hours, 25 October 25: from midnight to midnight.
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00.000Z'],
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00.000Z'],
    // Here clocks went from 24:00 to 01:00: there was no midnight.
    ['America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-04T03:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-24T10:00:00Z', '2026-11-24T18:30:00.000Z'],
    // 30 December 2011 was left out.
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-30T10:00:00.000Z'],
  ];
  for (const [zone, from, due] of cases) assert.equal(dueAt(zone, from), due, zone);
});

test('the local day is that of the process', (t) => {
  const { TZ } = process.env;
  t.after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });
  process.env.TZ = 'Asia/Tokyo';
  assert.equal(localDay(Date.UTC(2026, 10, 24, 15)), '2026-11-25');
  process.env.TZ = 'America/New_York';
  assert.equal(localDay(Date.UTC(2026, 10, 24, 4, 59)), '2026-11-23');
});

test('a due rotation waits for an idle daemon, but not beyond twice the size, nor a minute, nor when an operator asked', () => {
  assert.equal(cannotWait(file(1500), policy, 'size', 1_000), false);
  assert.equal(cannotWait(file(2000), policy, 'size', 0), true);
  assert.equal(cannotWait(file(1), policy, 'daily', 60_000), true);
  assert.equal(cannotWait(file(1), policy, 'demand', 0), true);
});
