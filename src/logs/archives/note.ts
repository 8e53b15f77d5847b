import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseRotated } from '../on-disk/names.ts';
import { removeIfThere, withRegular } from '../on-disk/regular-file.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** What is noted beside a torn file while its line is being joined, see joinTornLine. */
export interface Note {
  /** The file from whose head the rest is taken. */
  readonly next: string;
  readonly nextInode: number;
  /** Size of the torn file before. */
  readonly bytes: number;
  readonly rest: Buffer;
}

/** With the rest in base64 it is not larger. */
const MAX_NOTE_BYTES = 2 * 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

/** `.api-out-2026-11-24T00-00-00Z.log.join` */
export function noteName(torn: string): string {
  return join(dirname(torn), `.${basename(torn)}.join`);
}

/** @throws the file system's error, with nothing left behind that counts */
export function writeNote(torn: string, { next, nextInode, bytes, rest }: Note): void {
  const fresh = `${noteName(torn)}.new`;
  removeIfThere(fresh);
  const fd = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(fd, JSON.stringify({ next: basename(next), nextInode, bytes, rest: rest.toString('base64') }));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, noteName(torn));
}

/**
 * The note beside a rotated file of `live`; null: there is none that counts. Others may write to the folder: so it counts only if this
 * user alone made it, and what it names can only be the live file or another rotated one of it.
 */
export function readNote(torn: string, live: string): Note | null {
  try {
    return withRegular(noteName(torn), O_RDONLY, (fd) => (isOwn(fd) ? parseNote(readFileSync(fd, 'utf8'), live) : null));
  } catch {
    return null;
  }
}

export function dropNote(torn: string): void {
  removeIfThere(noteName(torn));
}

function isOwn(fd: number): boolean {
  const { uid, mode, nlink, size } = fstatSync(fd);
  const ours = process.geteuid === undefined || uid === process.geteuid();
  return ours && (mode & WRITABLE_BY_OTHERS) === 0 && nlink === 1 && size <= MAX_NOTE_BYTES;
}

function parseNote(text: string, live: string): Note | null {
  const { next, nextInode, bytes, rest } = JSON.parse(text) as Record<string, unknown>;
  if (typeof next !== 'string' || typeof rest !== 'string' || !isCount(nextInode) || !isCount(bytes)) return null;
  const known = next === basename(live) || parseRotated(live, next)?.compressed === false;
  return known ? { next: join(dirname(live), next), nextInode, bytes, rest: Buffer.from(rest, 'base64') } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
