import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { missingRun } from '../../../src/logs/checking/missing.ts';
import { PieceCollector } from '../../../src/logs/checking/pieces.ts';

function missing(texts: readonly string[], written: string) {
  const collector = new PieceCollector();
  for (const text of texts) collector.add(Buffer.from(text));
  return missingRun(collector.pieces, Buffer.from(written));
}

test('nothing is missing', () => {
  assert.equal(missing([], 'x'), null);
  assert.equal(missing(['a\n', 'b\n'], 'a\nb\n'), null);
  assert.equal(missing(['a\n', 'b\n'], 'before\na\nother\nb\nafter\n'), null);
  assert.equal(missing(['ok\n', 'ok\n'], 'ok\nok\n'), null);
});

test('one run is missing: at the begin, between, at the end, all', () => {
  assert.deepEqual(missing(['a\n', 'b\n', 'c\n'], 'b\nc\n'), { from: 0, to: 1 });
  assert.deepEqual(missing(['a\n', 'b\n', 'c\n', 'd\n'], 'a\nd\n'), { from: 1, to: 3 });
  assert.deepEqual(missing(['a\n', 'b\n', 'c\n'], 'a\n'), { from: 1, to: 3 });
  assert.deepEqual(missing(['a\n', 'b\n'], ''), { from: 0, to: 2 });
});

test('a line that occurs again later is not taken for the one that is missing', () => {
  // The first ok was dropped; the second one stands after 123.
  assert.deepEqual(missing(['ok\n', '123\n', 'ok\n', '456\n'], '123\nok\n456\n'), { from: 0, to: 1 });
});

test('whatever run is dropped among other streams lines, it is found', () => {
  const stream = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(stream, fc.nat(30), fc.nat(30), fc.array(fc.nat(30), { maxLength: 10 }), (numbers, a, b, others) => {
      const chunks = numbers.map((n) => `<${n}>\n`);
      const [from, to] = [Math.min(a, b, chunks.length), Math.min(Math.max(a, b), chunks.length)];
      const left = [...chunks.slice(0, from), ...chunks.slice(to)];
      for (const [i, place] of others.entries()) left.splice(Math.min(place, left.length), 0, `other ${i}\n`);
      assert.deepEqual(missing(chunks, left.join('')), from === to ? null : { from, to });
    }),
  );
});
