import { constants, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { endsALine, withRegular } from '../on-disk/regular-file.ts';
import { dropNote, type Note, readNote, writeNote } from './note.ts';

const { O_RDONLY, O_RDWR } = constants;

/** Where a line may be cut: PM2 writes what comes through a pipe, in pieces of at most 64 KiB. A longer rest is no longer looked for. */
const MAX_REST_BYTES = 1024 * 1024;

/** How many bytes at the head of `next` belong to the line that the file before it began; null: that line has not ended yet. */
export function restOfLine(next: Buffer): number | null {
  const newline = next.indexOf(0x0a);
  return newline < 0 ? null : newline + 1;
}

/** What takes the place of a rest that was moved: one blank line of the same length. */
export function blankLine(bytes: number): Buffer {
  const blank = Buffer.alloc(bytes, ' ');
  blank[bytes - 1] = 0x0a;
  return blank;
}

export type Join = 'whole' | 'joined' | 'waiting';

/**
 * Moves the rest of a line that was cut by a rotation from the head of `next` (a live file as a rule) to the end of `torn`. In `next` a blank
 * line stays in its place: nothing can be cut off the head of a file that is in use. What is under way stands in a note beside the torn
 * file, so that a kill half-way neither loses nor doubles the rest.
 * @param next the file that goes on where `torn` ends, in the same folder; null: there is none that could be changed
 * @param live the live file of which both are
 * @returns `waiting` while the line's end has not been written yet
 */
export function joinTornLine(torn: string, next: string | null, live: string): Join {
  if (finishTornLine(torn, live)) return 'joined';
  const bytes = withRegular(torn, O_RDONLY, (fd) => (endsALine(fd) ? null : fstatSync(fd).size));
  if (bytes === null) return 'whole';
  const head = next === null ? null : headOf(next);
  const rest = head && restOfLine(head.bytes);
  if (next === null || head === null || rest === null)
    return head !== null && head.bytes.length >= MAX_REST_BYTES ? 'whole' : 'waiting';
  writeNote(torn, { next, nextInode: head.inode, bytes, rest: head.bytes.subarray(0, rest) });
  finishTornLine(torn, live);
  return 'joined';
}

/**
 * Does what the note of a kill says, whatever of it was done before: append the rest, blank it in the next file, drop the note.
 * @returns whether there was one
 */
export function finishTornLine(torn: string, live: string): boolean {
  const note = readNote(torn, live);
  if (note === null) return false;
  const done = withRegular(torn, O_RDWR, (fd) => appendRest(fd, note));
  if (done) blankHead(note);
  dropNote(torn);
  return done;
}

/** @returns false: what stands there is neither as it was before nor as this leaves it. Then the note is none of this file, and nothing is done. */
function appendRest(fd: number, { bytes, rest }: Note): boolean {
  const { size } = fstatSync(fd);
  const already = size - bytes;
  if (already < 0 || already > rest.length) return false;
  const there = Buffer.alloc(already);
  readSync(fd, there, 0, already, bytes);
  if (!there.equals(rest.subarray(0, already))) return false;
  try {
    writeSync(fd, rest, already, rest.length - already, size);
    fsyncSync(fd);
  } catch (error) {
    ftruncateSync(fd, bytes);
    throw error;
  }
  return true;
}

/** Only if the head is still what was moved: the file may have been flushed or removed by hand. */
function blankHead({ next, nextInode, rest }: Note): void {
  const head = headOf(next);
  if (head === null || head.inode !== nextInode || !head.bytes.subarray(0, rest.length).equals(rest)) return;
  withRegular(next, O_RDWR, (fd) => {
    if (fstatSync(fd).ino === nextInode) writeSync(fd, blankLine(rest.length), 0, rest.length, 0);
  });
}

function headOf(path: string): { inode: number; bytes: Buffer } | null {
  try {
    return withRegular(path, O_RDONLY, (fd) => {
      const { ino, size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, MAX_REST_BYTES));
      return { inode: ino, bytes: bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)) };
    });
  } catch {
    return null;
  }
}
