import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { removeIfThere } from '../rotation/swap.ts';

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

/** What is noted beside a torn file while its line is being joined, so that a kill half-way neither loses nor doubles the rest. */
interface Note {
  readonly next: string;
  readonly nextInode: number;
  /** Size of the torn file before. */
  readonly bytes: number;
  /** The rest, base64. */
  readonly rest: string;
}

export type Join = 'whole' | 'joined' | 'waiting';

/**
 * Moves the rest of a line that was cut by a rotation from the head of `next` (a live file as a rule) to the end of `torn`. In `next` a blank
 * line stays in its place: nothing can be cut off the head of a file that is in use.
 * @returns `waiting` while the line's end has not been written yet
 */
export function joinTornLine(torn: string, next: string | null): Join {
  const note = finishNoted(torn);
  if (note) return 'joined';
  const fd = openSync(torn, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a)) return 'whole';
    const head = next === null ? null : headOf(next);
    const bytes = head && restOfLine(head.bytes);
    if (next === null || head === null || bytes === null)
      return head !== null && head.bytes.length >= MAX_REST_BYTES ? 'whole' : 'waiting';
    writeNote(torn, { next, nextInode: head.inode, bytes: size, rest: head.bytes.toString('base64', 0, bytes) });
    finishNoted(torn);
    return 'joined';
  } finally {
    closeSync(fd);
  }
}

/** `.api-out-2026-11-24T00-00-00Z.log.join` */
export function noteName(torn: string): string {
  return join(dirname(torn), `.${basename(torn)}.join`);
}

/** Does what the note says, whatever of it was done before: append the rest, blank it in the next file, drop the note. */
function finishNoted(torn: string): boolean {
  const note = readNote(torn);
  if (note === null) return false;
  const rest = Buffer.from(note.rest, 'base64');
  const fd = openSync(torn, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    ftruncateSync(fd, note.bytes);
    writeSync(fd, rest, 0, rest.length, note.bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  blankHead(note, rest);
  removeIfThere(noteName(torn));
  return true;
}

/** Only if the head is still what was moved: the file may have been flushed or removed by hand. */
function blankHead(note: Note, rest: Buffer): void {
  const head = headOf(note.next);
  if (head === null || head.inode !== note.nextInode || !head.bytes.subarray(0, rest.length).equals(rest)) return;
  const fd = openSync(note.next, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    writeSync(fd, blankLine(rest.length), 0, rest.length, 0);
  } finally {
    closeSync(fd);
  }
}

function headOf(path: string): { inode: number; bytes: Buffer } | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { ino, size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, MAX_REST_BYTES));
    return { inode: ino, bytes: bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)) };
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function writeNote(torn: string, note: Note): void {
  const path = noteName(torn);
  writeFileSync(`${path}.new`, JSON.stringify(note), { mode: 0o640, flush: true });
  renameSync(`${path}.new`, path);
}

function readNote(torn: string): Note | null {
  try {
    return JSON.parse(readFileSync(noteName(torn), 'utf8')) as Note;
  } catch {
    return null;
  }
}
