import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { missingRun } from './missing.ts';
import { type FileId, fileId } from './open-files.ts';
import type { LogSource, OutputStream } from './sources.ts';
import type { Published } from './tap.ts';

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
  readonly chunks: number;
  readonly bytes: number;
}

/** More than this was written within one reload: then it is not verified. */
const MAX_REGION_BYTES = 24 * 1024 * 1024;
/** A cluster worker's output may reach the bus later than its file: this far back its pieces are looked for. */
const BACK_BYTES = 4 * 1024 * 1024;
/** How many pieces may have been published and not written yet. */
const NEWEST = 64;

/** What became of one stream's output across a reload. */
export type Verdict = { readonly kind: 'whole' | 'unknown' } | { readonly kind: 'missing'; readonly chunks: readonly Buffer[] };

/** Whether what each stream of a file published last stands in the reopened file: all that was dropped has been published by then. */
export function caughtUp(mark: Mark, published: readonly Published[]): boolean {
  const last = mark.source.streams.map((stream) => chunksOf(published, stream, isCluster(mark.source, stream)).at(-1));
  if (last.every((chunk) => chunk === undefined)) return true;
  const after = writtenAfter(mark);
  return after === null || last.every((chunk) => chunk === undefined || after.bytes.includes(chunk));
}

/**
 * Compares what was published with what was written. `idle`: nobody has anything in hand, so that what is not in the file now will never be;
 * else only what was published before a piece that stands in the reopened file is judged.
 */
export function verdictsOf(mark: Mark, published: readonly Published[], idle: boolean): Verdict[] {
  const streams = mark.source.streams.map((stream) => {
    const late = isCluster(mark.source, stream);
    return { late, chunks: chunksOf(published, stream, late) };
  });
  if (streams.every(({ chunks }) => chunks.length === 0)) return [];
  const written = writtenAround(mark, streams.some(({ late }) => late) ? BACK_BYTES : 0);
  if (written === null) return [{ kind: 'unknown' }];
  return streams.map(({ chunks, late }) => verdict(chunks, late, written, idle));
}

function verdict(chunks: readonly Buffer[], late: boolean, written: { before: Buffer; after: Buffer }, idle: boolean): Verdict {
  const judged = idle ? chunks : chunks.slice(0, lastIn(written.after, chunks) + 1);
  if (judged.length === 0) return { kind: chunks.length === 0 ? 'whole' : 'unknown' };
  const run = missingRun(judged, Buffer.concat([written.before, written.after]));
  if (run === null) return { kind: 'whole' };
  // A worker's that came late may stand in the file farther back than was looked.
  return run.from === 0 && late ? { kind: 'unknown' } : { kind: 'missing', chunks: judged.slice(run.from, run.to) };
}

/** The index of the last chunk that stands in `bytes`, among the newest ones; -1: none. */
function lastIn(bytes: Buffer, chunks: readonly Buffer[]): number {
  for (let i = chunks.length - 1; i >= Math.max(0, chunks.length - NEWEST); i--) if (bytes.includes(chunks[i] ?? '')) return i;
  return -1;
}

function isCluster(source: LogSource, { holder }: OutputStream): boolean {
  return !source.pids.includes(holder);
}

/** A cluster worker publishes an uncaught error with one newline more in front than it writes (PM2's ProcessContainer.js). */
function chunksOf(published: readonly Published[], { pmId, stream }: OutputStream, cluster: boolean): Buffer[] {
  return published
    .filter((piece) => piece.pmId === pmId && piece.stream === stream)
    .map(({ bytes }) => (cluster && bytes.length > 1 && bytes[0] === 0x0a ? bytes.subarray(1) : bytes));
}

/**
 * Puts back what was dropped: at the end of the rotated file, which is where it belongs, as the new one goes on after it. For a file
 * that is not rotated it comes a few milliseconds late, after what the new stream wrote.
 */
export function putBack(mark: Mark, verdicts: readonly Verdict[]): Repair | null {
  const chunks = verdicts.flatMap((verdict) => (verdict.kind === 'missing' ? verdict.chunks : []));
  if (chunks.length === 0) return null;
  const bytes = Buffer.concat(chunks);
  const fd = openSync(mark.path, 'a');
  try {
    writeSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { path: mark.path, chunks: chunks.length, bytes: bytes.length };
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
