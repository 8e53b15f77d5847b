import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { noteName } from '../../../src/logs/archives/note.ts';
import { blankLine, finishTornLine, joinTornLine, restOfLine } from '../../../src/logs/archives/stitch.ts';

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
  assert.equal(joinTornLine(torn, next, next), 'joined');
  assert.deepEqual(texts(), ['one\ntwo\n', ' \nthree\n']);
  assert.equal(joinTornLine(torn, next, next), 'whole');
  assert.deepEqual(names(), ['next.log', 'torn.log']);
});

test('it waits for the end of the line', (t) => {
  const { torn, next, texts } = folder(t, 'one\ntw', 'oooo');
  assert.equal(joinTornLine(torn, next, next), 'waiting');
  assert.equal(joinTornLine(torn, null, next), 'waiting');
  assert.deepEqual(texts(), ['one\ntw', 'oooo']);
});

test('killed at any step, the next start finishes it: nothing lost, nothing twice', (t) => {
  fc.assert(
    fc.property(fc.nat(6), fc.boolean(), fc.boolean(), (appended, blanked, flushed) => {
      const { torn, next, texts } = folder(t, 'one\ntw', 'o-rest\nthree\n');
      joinTornLine(torn, next, next);
      // Back to a moment before its end: the note is there, some of the rest is appended, the head is blanked or not yet.
      writeFileSync(torn, `one\ntw${'o-rest\n'.slice(0, blanked ? 7 : appended)}`);
      if (!blanked) writeFileSync(next, 'o-rest\nthree\n');
      if (flushed) writeFileSync(next, '');
      writeFileSync(
        noteName(torn),
        JSON.stringify({
          next: 'next.log',
          nextInode: statSync(next).ino,
          bytes: 6,
          rest: Buffer.from('o-rest\n').toString('base64'),
        }),
        { mode: 0o600 },
      );
      assert.equal(finishTornLine(torn, next), true);
      assert.deepEqual(texts(), ['one\ntwo-rest\n', flushed ? '' : '      \nthree\n']);
    }),
    { numRuns: 40 },
  );
});

/** A torn file with a note beside it, as it is or as `planted` would have it. */
function withNote(t: { after(fn: () => void): void }, planted: Record<string, unknown>, mode = 0o600) {
  const made = folder(t, 'one\ntw', 'o\nthree\n');
  const rest = Buffer.from('o\n').toString('base64');
  const note = { next: 'next.log', nextInode: statSync(made.next).ino, bytes: 6, rest, ...planted };
  writeFileSync(noteName(made.torn), JSON.stringify(note), { mode });
  chmodSync(noteName(made.torn), mode);
  return made;
}

test('a planted note cannot blank another file, cut the torn one or put words into it', (t) => {
  const own = withNote(t, {});
  assert.equal(finishTornLine(own.torn, own.next), true, 'one of our own is finished');

  const victim = folder(t, '', 'o\nsecret\n');
  const inode = statSync(victim.next).ino;
  for (const [what, planted] of Object.entries({
    'another folder': { next: victim.next, nextInode: inode },
    'a way up': { next: `../${basename(dirname(victim.next))}/next.log`, nextInode: inode },
    'a file of another name': { next: 'other.log', nextInode: inode },
    'a shorter file': { bytes: 0 },
    'a longer one': { bytes: 7 },
    'no number': { bytes: '6' },
    'no rest': { rest: null },
  })) {
    const { torn, next, texts } = withNote(t, planted);
    assert.equal(finishTornLine(torn, next), false, what);
    assert.deepEqual(texts(), ['one\ntw', 'o\nthree\n'], what);
  }
  assert.equal(victim.texts()[1], 'o\nsecret\n');
});

test('a note that others may write to, with a second name, or of another user counts for nothing', (t) => {
  const open = withNote(t, {}, 0o666);
  assert.equal(finishTornLine(open.torn, open.next), false);
  const linked = withNote(t, {});
  linkSync(noteName(linked.torn), `${linked.torn}.second`);
  assert.equal(finishTornLine(linked.torn, linked.next), false);
  const led = withNote(t, {});
  renameSync(noteName(led.torn), `${led.torn}.elsewhere`);
  symlinkSync(`${led.torn}.elsewhere`, noteName(led.torn));
  assert.equal(finishTornLine(led.torn, led.next), false);
  if (process.getuid?.() !== 0) return;
  const strange = withNote(t, {});
  chownSync(noteName(strange.torn), 65534, 65534);
  assert.equal(finishTornLine(strange.torn, strange.next), false);
});

test('a link that was laid where the note is written to is not followed', (t) => {
  const { torn, next, texts } = folder(t, 'one\ntw', 'o\nthree\n');
  const victim = `${torn}.victim`;
  writeFileSync(victim, 'mine');
  symlinkSync(victim, `${noteName(torn)}.new`);
  assert.equal(joinTornLine(torn, next, next), 'joined');
  assert.deepEqual([...texts(), readFileSync(victim, 'utf8')], ['one\ntwo\n', ' \nthree\n', 'mine']);
});
