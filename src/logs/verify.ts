import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { missingRun } from './missing.ts';
import { type FileId, fileId } from './open-files.ts';
import { bytesOf, firstPieces, type Pieces, pieceAt } from './pieces.ts';
import type { LogSource, OutputStream } from './sources.ts';
import type { LogTap } from './tap.ts';

/** Where a live file stood before a reload. */
export interface Mark {
  readonly source: LogSource;
  readonly id: FileId;
  readonly bytes: number;
  /** Where its lines are after the reload: its rotated name, or its own when it is not rotated. */
  readonly path: string;
  /** For a file that is not rotated: its size when all had reopened it. */
  readonly reopenedAt: number;
}

/** What one reload dropped of one file, and that it was put back. */
export interface Repair {
  readonly path: string;
  readonly pieces: number;
  readonly bytes: number;
}

/** More than this was written within one reload: then it is not verified. */
const MAX_REGION_BYTES = 24 * 1024 * 1024;
/** A cluster worker's output may reach the bus later than its file: this far back its pieces are looked for. */
const BACK_BYTES = 4 * 1024 * 1024;
/** How many pieces may have been published and not written yet. */
const NEWEST = 64;

/** What became of one stream's output across a reload. */
export type Verdict =
  | { readonly kind: 'whole' | 'unknown' }
  | { readonly kind: 'missing'; readonly pieces: number; readonly bytes: Buffer };

/** Whether what each stream of a file published last stands in the reopened file: all that was dropped has been published by then. */
export function caughtUp(mark: Mark, tap: LogTap): boolean {
  const last = mark.source.streams.map(({ pmId, stream }) => {
    const published = tap.published(pmId, stream);
    return published.ends.length === 0 ? null : pieceAt(published, published.ends.length - 1);
  });
  if (last.every((piece) => piece === null)) return true;
  const after = writtenAfter(mark);
  return after === null || last.every((piece) => piece === null || after.bytes.includes(piece));
}

/**
 * Compares what was published with what was written. `idle`: nobody has anything in hand, so that what is not in the file now will never be;
 * else only what was published before a piece that stands in the reopened file is judged.
 */
export function verdictsOf(mark: Mark, tap: LogTap, idle: boolean): Verdict[] {
  const streams = mark.source.streams
    .map((stream) => ({ late: isCluster(mark.source, stream), published: tap.published(stream.pmId, stream.stream) }))
    .filter(({ published }) => published.ends.length > 0);
  if (streams.length === 0) return [];
  const written = tap.overflowed ? null : writtenAround(mark, streams.some(({ late }) => late) ? BACK_BYTES : 0);
  if (written === null) return [{ kind: 'unknown' }];
  return streams.map(({ published, late }) => verdict(published, late, written, idle));
}

function verdict(published: Pieces, late: boolean, written: { before: Buffer; after: Buffer }, idle: boolean): Verdict {
  const judged = idle ? published : firstPieces(published, lastIn(written.after, published) + 1);
  if (judged.ends.length === 0) return { kind: 'unknown' };
  const run = missingRun(judged, Buffer.concat([written.before, written.after]));
  if (run === null) return { kind: 'whole' };
  // A worker's that came late may stand in the file farther back than was looked.
  if (run.from === 0 && late) return { kind: 'unknown' };
  const bytes = bytesOf(judged, run.from, run.to);
  // An uncaught error: a worker publishes it with one newline more in front than it writes (PM2's ProcessContainer.js).
  if (late && bytes[0] === 0x0a && written.before.includes(bytes.subarray(1))) return { kind: 'whole' };
  return { kind: 'missing', pieces: run.to - run.from, bytes };
}

/** The index of the last piece that stands in `bytes`, among the newest ones; -1: none. */
function lastIn(bytes: Buffer, published: Pieces): number {
  const count = published.ends.length;
  for (let i = count - 1; i >= Math.max(0, count - NEWEST); i--) if (bytes.includes(pieceAt(published, i))) return i;
  return -1;
}

function isCluster(source: LogSource, { holder }: OutputStream): boolean {
  return !source.pids.includes(holder);
}

/**
 * Puts back what was dropped: at the end of the rotated file, which is where it belongs, as the new one goes on after it. For a file
 * that is not rotated it comes a few milliseconds late, after what the new stream wrote.
 * @throws the file system's error, with the rotated file as it was
 */
export function putBack(mark: Mark, verdicts: readonly Verdict[]): Repair | null {
  const missing = verdicts.flatMap((verdict) => (verdict.kind === 'missing' ? verdict : []));
  if (missing.length === 0) return null;
  const bytes = Buffer.concat(missing.map((each) => each.bytes));
  const fd = openSync(mark.path, 'a');
  const { size } = fstatSync(fd);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } catch (error) {
    if (mark.path !== mark.source.path) ftruncateSync(fd, size);
    throw error;
  } finally {
    closeSync(fd);
  }
  return { path: mark.path, pieces: missing.reduce((sum, each) => sum + each.pieces, 0), bytes: bytes.length };
}

/** null: it was flushed by hand, is gone, or grew too much. `after` is what the reopened stream wrote, `before` what stands before it. */
function writtenAround(mark: Mark, backBytes: number): { before: Buffer; after: Buffer } | null {
  const old = readFrom(mark.path, Math.max(0, mark.bytes - backBytes));
  const next = writtenAfter(mark);
  if (old === null || old.id !== mark.id || old.size < mark.bytes || next === null) return null;
  const before = mark.path === mark.source.path ? old.bytes.subarray(0, next.offset - old.offset) : old.bytes;
  return { before, after: next.bytes };
}

function writtenAfter(mark: Mark) {
  return readFrom(mark.source.path, mark.path === mark.source.path ? mark.reopenedAt : 0);
}

/** null: no such file, it is shorter than `offset`, or there is too much. */
function readFrom(path: string, offset: number): { id: FileId; size: number; offset: number; bytes: Buffer } | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const stat = fstatSync(fd, { bigint: true });
    const length = Number(stat.size) - offset;
    if (length < 0 || length > MAX_REGION_BYTES) return null;
    const bytes = Buffer.allocUnsafe(length);
    const read = readSync(fd, bytes, 0, length, offset);
    return { id: fileId(stat), size: Number(stat.size), offset, bytes: bytes.subarray(0, read) };
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
