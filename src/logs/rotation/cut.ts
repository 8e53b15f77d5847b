import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { preemptions, SleepWatch } from '../holding/asleep.ts';
import { openFilesOf } from '../holding/open-files.ts';
import { type Writer, writersOf } from '../holding/writers.ts';
import { atIdleInstant } from './instant.ts';
import { FILE_MODE, prepareSwap, removeIfThere, swap } from './swap.ts';

/**
 * `cut`: its lines are in the rotated file, and the live one is empty. `unsure`: so too, but this process was
 * held up at that very moment: what a writer wrote just then, if it did, is lost.
 * `busy`: no moment was found at which nobody writes; nothing has changed. `not-append`: a writer keeps a position of its own and would
 * leave a hole; nothing has changed.
 */
export type CutResult = 'cut' | 'unsure' | 'busy' | 'not-append';

/** `.pm2-2026-11-24T00-00-00Z.log.copy` */
export function copyName(rotated: string): string {
  return join(dirname(rotated), `.${basename(rotated)}.copy`);
}

/**
 * Rotates a file that its writers keep open and never reopen: a copy that keeps up, and a truncation at an instant at which all writers are
 * asleep and the copy is whole. What is appended afterwards goes to the begin of the empty file (O_APPEND).
 * `pids`: processes that may be among the writers; when one may not be looked into, the file is left alone.
 * @throws the file system's error, with the live file as it was
 */
export async function cut(live: string, rotated: string, pids: readonly number[], boundMs: number): Promise<CutResult> {
  if (process.platform !== 'linux' || pids.some((pid) => openFilesOf(pid) === null)) return 'busy';
  const writers = await writersOf(live);
  if (writers.length === 0) {
    swap(prepareSwap(live, rotated));
    return 'cut';
  }
  if (!writers.every(({ appends }) => appends)) return 'not-append';
  const copy = copyName(rotated);
  removeIfThere(copy);
  const source = openSync(live, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const result = await copyThenTruncate(source, copy, writers, boundMs);
    if (result === 'busy') removeIfThere(copy);
    else renameSync(copy, rotated);
    return result;
  } catch (error) {
    removeIfThere(copy);
    throw error;
  } finally {
    closeSync(source);
  }
}

/** @returns true when a copy that a kill left is worth keeping: the live file does not begin with it any more, so it had been truncated */
export function wasCut(live: string, copy: string): boolean {
  const [a, b] = [openSync(live, 'r'), openSync(copy, 'r')];
  try {
    const [left, right] = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)];
    for (let position = 0; ; position += CHUNK_BYTES) {
      const n = readSync(b, right, 0, CHUNK_BYTES, position);
      if (n === 0) return false;
      if (readSync(a, left, 0, n, position) < n || !left.subarray(0, n).equals(right.subarray(0, n))) return true;
    }
  } finally {
    closeSync(a);
    closeSync(b);
  }
}

const CHUNK_BYTES = 64 * 1024;

async function copyThenTruncate(source: number, copy: string, writers: readonly Writer[], boundMs: number): Promise<CutResult> {
  const target = openSync(copy, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  const watches = writers.flatMap(({ pid }) => SleepWatch.open(pid) ?? []);
  try {
    const copier = new Copier(source, target);
    while (copier.step()) await setImmediate();
    fsyncSync(target);
    let sure = false;
    // A writer that slept a moment ago takes longer to wake up and write than this thread takes to truncate, unless it was preempted.
    const fire = () => {
      const before = preemptions();
      const marks = watches.map((watch) => watch.mark());
      if (!watches.every((watch) => watch.asleep()) || !copier.isWhole) return false;
      ftruncateSync(source, 0);
      sure = (before !== null && preemptions() === before) || watches.every((watch, i) => watch.mark() === marks[i]);
      return true;
    };
    const pids = writers.map(({ pid }) => pid);
    const fired = await atIdleInstant(pids, { ready: () => !copier.step() && copier.endsALine, fire, boundMs });
    return fired ? (sure ? 'cut' : 'unsure') : 'busy';
  } finally {
    closeSync(target);
    for (const watch of watches) watch.close();
  }
}

/** Keeps up with a growing file, 64 KiB a step. */
class Copier {
  readonly #source: number;
  readonly #target: number;
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #done = 0;
  #last = 0;

  constructor(source: number, target: number) {
    this.#source = source;
    this.#target = target;
  }

  /** @returns false: it has all there is. @throws Error when the file became shorter: somebody flushed it */
  step(): boolean {
    const { size } = fstatSync(this.#source);
    if (size < this.#done) throw Object.assign(new Error('the file was emptied while it was copied'), { code: 'FLUSHED' });
    if (size === this.#done) return false;
    const n = readSync(this.#source, this.#buffer, 0, CHUNK_BYTES, this.#done);
    for (let written = 0; written < n; ) written += writeSync(this.#target, this.#buffer, written, n - written);
    this.#done += n;
    this.#last = this.#buffer[n - 1] ?? 0;
    return true;
  }

  get isWhole(): boolean {
    return fstatSync(this.#source).size === this.#done;
  }

  get endsALine(): boolean {
    return this.#last === 0x0a;
  }
}
