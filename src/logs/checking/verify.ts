import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { type FileId, fileId } from '../../host/file-id.ts';
import { openRegular, withRegular } from '../on-disk/regular-file.ts';
import type { LogSource, OutputStream } from '../sources.ts';
import { type After, StreamCheck, type Verdict } from './stream-check.ts';
import type { LogTap } from './tap.ts';

/** Where a live file stood before a reload. */
export interface Mark {
  readonly source: LogSource;
  readonly id: FileId;
  readonly bytes: number;
  /** Where its lines are after the reload: its rotated name, or its own when it is not rotated. */
  readonly path: string;
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

/** Compares what all streams of one file published with what was written; made once everybody has reopened it. */
export class FileCheck {
  readonly mark: Mark;
  readonly #streams: readonly (readonly [OutputStream, StreamCheck])[];
  readonly #reopenedAt: number;
  readonly #known: boolean;

  constructor(mark: Mark) {
    this.mark = mark;
    const { source, path, bytes } = mark;
    const late = source.streams.some((stream) => isCluster(source, stream));
    const rotated = path !== source.path;
    // Of a rotated file all is old; in a file that goes on, what follows the mark is old or new.
    const before = readFrom(path, Math.max(0, bytes - (late ? BACK_BYTES : 0)), rotated ? null : bytes);
    this.#known = before !== null && before.id === mark.id && before.size >= bytes;
    this.#reopenedAt = rotated ? 0 : (before?.size ?? 0) - bytes;
    const end = before?.bytes ?? Buffer.alloc(0);
    this.#streams = source.streams.map((stream) => [stream, new StreamCheck(end, isCluster(source, stream))]);
  }

  /** Takes what was published meanwhile. */
  feed(tap: LogTap): void {
    for (const [{ pmId, stream }, check] of this.#streams) check.feed(tap.take(pmId, stream));
  }

  /** One for each stream; `idle` as for StreamCheck. */
  verdicts(tap: LogTap, idle: boolean): Verdict[] {
    const { source, path, bytes } = this.mark;
    const written = this.#known ? readFrom(source.path, path === source.path ? bytes : 0, null) : null;
    if (written === null) return [{ kind: 'unknown' }];
    const after: After = { bytes: written.bytes, reopenedAt: this.#reopenedAt };
    return this.#streams.map(([{ pmId }, check]) => check.verdict(after, { idle, past: tap.hasReloaded(pmId) }));
  }
}

/** In cluster mode the worker itself holds the file, not the daemon. */
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
  const fd = openRegular(mark.path, constants.O_WRONLY | constants.O_APPEND);
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

/** null: no such file, it is shorter than `offset` (flushed by hand), or there is too much. `end`: up to there; null: to its end. */
function readFrom(path: string, offset: number, end: number | null): { id: FileId; size: number; bytes: Buffer } | null {
  try {
    return withRegular(path, constants.O_RDONLY, (fd) => {
      const stat = fstatSync(fd, { bigint: true });
      const length = (end ?? Number(stat.size)) - offset;
      if (length < 0 || length > MAX_REGION_BYTES) return null;
      const bytes = Buffer.allocUnsafe(length);
      const read = readSync(fd, bytes, 0, length, offset);
      return { id: fileId(stat), size: Number(stat.size), bytes: bytes.subarray(0, read) };
    });
  } catch {
    return null;
  }
}
