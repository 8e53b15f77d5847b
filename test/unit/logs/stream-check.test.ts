import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PieceCollector } from '../../../src/logs/checking/pieces.ts';
import { StreamCheck, type Verdict } from '../../../src/logs/checking/stream-check.ts';

function pieces(texts: readonly string[]) {
  const collector = new PieceCollector();
  for (const text of texts) collector.add(Buffer.from(text));
  return collector.pieces;
}

/** What `published` becomes when `before` stands in the old file and `after` in the reopened one. */
function judge(
  published: string[],
  before: string,
  after: string,
  { late = false, idle = false, past = false, reopenedAt = 0, batch = Math.max(1, published.length) } = {},
): string {
  const check = new StreamCheck(Buffer.from(before), late);
  for (let i = 0; i < published.length; i += batch) check.feed(pieces(published.slice(i, i + batch)));
  return said(check.verdict({ bytes: Buffer.from(after), reopenedAt }, { idle, past }));
}

function said(verdict: Verdict): string {
  return verdict.kind === 'missing' ? `missing ${verdict.bytes}` : verdict.kind;
}

test('what was dropped between the old file and the new one is found', () => {
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'x\na\n', 'c\n'), 'missing b\n');
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'x\na\n', 'b\nc\n'), 'whole');
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'x\n', 'c\n'), 'missing a\nb\n');
  assert.equal(judge(['a\n'], 'x\na\n', ''), 'whole');
});

test('what was published last may be on its way; when nobody has anything in hand it never comes', () => {
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'a\n', ''), 'pending');
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'a\n', '', { idle: true }), 'missing b\nc\n');
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'a\n', 'b\n'), 'whole');
});

test('in a file that goes on, only what surely comes from the reopened stream tells that the gap is past', () => {
  // b was written by the old stream, after the mark and before all had reopened it.
  assert.equal(judge(['a\n', 'b\n', 'c\n'], 'a\n', 'b\n', { reopenedAt: 2 }), 'pending');
  assert.equal(judge(['a\n', 'b\n', 'c\n', 'd\n'], 'a\n', 'b\nd\n', { reopenedAt: 2 }), 'missing c\n');
});

test('a worker whose output reaches the bus late is not taken to have lost it', () => {
  // Written long before: farther back than is looked at.
  assert.equal(judge(['old 1\n', 'old 2\n'], 'x\ny\n', 'z\n', { late: true }), 'pending');
  assert.equal(judge(['old\n', 'y\n', 'z\n'], 'x\ny\n', 'z\n', { late: true }), 'whole');
  assert.equal(judge([], 'x\ny\n', 'z\n', { late: true }), 'pending');
  assert.equal(judge([], 'x\ny\n', '', { late: true, past: true }), 'whole');
  assert.equal(judge(['maybe\n', 'z\n'], 'x\ny\n', 'z\n', { late: true, idle: true }), 'unknown');
  assert.equal(judge(['y\n', 'lost\n', 'z\n'], 'x\ny\n', 'z\n', { late: true }), 'missing lost\n');
});

test('an uncaught error that a worker publishes with one newline more is not put back', () => {
  assert.equal(judge(['y\n', '\nError: x\n', 'z\n'], 'y\n', 'Error: x\nz\n', { late: true }), 'whole');
});

test('whatever is dropped at the reload, and however the bus lags: it is found exactly, or nothing is said', () => {
  const cut = fc.nat(40);
  fc.assert(
    fc.property(
      cut,
      cut,
      cut,
      cut,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      (a, b, c, d, late, idle, batch) => {
        const [tapped = 0, old = 0, lost = 0, published = 0] = [a, b, c, d].toSorted((x, y) => x - y);
        const lines = Array.from({ length: 41 }, (_, i) => `line ${i * 7919}\n`);
        // Written: all but those from `old` to `lost`. Published since the tap began: from `tapped` to `published`.
        const verdict = judge(lines.slice(tapped, published), lines.slice(0, old).join(''), lines.slice(lost).join(''), {
          late,
          idle,
          batch,
        });
        const expected = lines.slice(old, Math.min(lost, published)).join('');
        if (verdict.startsWith('missing')) assert.equal(verdict, `missing ${expected}`);
        // A fork-mode stream that is told whole has lost nothing that was published.
        if (verdict === 'whole' && !late) assert.equal(expected, '');
      },
    ),
    { numRuns: 500 },
  );
});
