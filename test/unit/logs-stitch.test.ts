import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { blankLine, joinTornLine, noteName, restOfLine } from '../../src/logs/archives/stitch.ts';

test('the rest of a line goes to its first newline', () => {
  assert.equal(restOfLine(Buffer.from('rest\nnext\n')), 5);
  assert.equal(restOfLine(Buffer.from('\nnext')), 1);
  assert.equal(restOfLine(Buffer.from('no end yet')), null);
  assert.equal(blankLine(5).toString(), '    \n');
  assert.equal(blankLine(1).toString(), '\n');
});

function folder(t: { after(fn: () => void): void }, torn: string, next: string) {
  const dir = mkdtempSync(join(tmpdir(), 'stitch-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const paths = { torn: join(dir, 'torn.log'), next: join(dir, 'next.log') };
  writeFileSync(paths.torn, torn);
  writeFileSync(paths.next, next);
  return {
    ...paths,
    texts: () => [readFileSync(paths.torn, 'utf8'), readFileSync(paths.next, 'utf8')],
    names: () => readdirSync(dir),
  };
}

test('a cut line is joined, and a blank one stands in its place', (t) => {
  const { torn, next, texts, names } = folder(t, 'one\ntw', 'o\nthree\n');
  assert.equal(joinTornLine(torn, next), 'joined');
  assert.deepEqual(texts(), ['one\ntwo\n', ' \nthree\n']);
  assert.equal(joinTornLine(torn, next), 'whole');
  assert.deepEqual(names(), ['next.log', 'torn.log']);
});

test('it waits for the end of the line', (t) => {
  const { torn, next, texts } = folder(t, 'one\ntw', 'oooo');
  assert.equal(joinTornLine(torn, next), 'waiting');
  assert.equal(joinTornLine(torn, null), 'waiting');
  assert.deepEqual(texts(), ['one\ntw', 'oooo']);
});

test('killed at any step, the next start finishes it: nothing lost, nothing twice', (t) => {
  fc.assert(
    fc.property(fc.nat(6), fc.boolean(), fc.boolean(), (appended, blanked, flushed) => {
      const { torn, next, texts } = folder(t, 'one\ntw', 'o-rest\nthree\n');
      joinTornLine(torn, next);
      // Back to a moment before its end: the note is there, some of the rest is appended, the head is blanked or not yet.
      writeFileSync(torn, `one\ntw${'o-rest\n'.slice(0, blanked ? 7 : appended)}`);
      if (!blanked) writeFileSync(next, 'o-rest\nthree\n');
      if (flushed) writeFileSync(next, '');
      writeFileSync(
        noteName(torn),
        JSON.stringify({ next, nextInode: statSync(next).ino, bytes: 6, rest: Buffer.from('o-rest\n').toString('base64') }),
      );
      assert.equal(joinTornLine(torn, null), 'joined');
      assert.deepEqual(texts(), ['one\ntwo-rest\n', flushed ? '' : '      \nthree\n']);
    }),
    { numRuns: 40 },
  );
});
