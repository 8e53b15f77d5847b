import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, readSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Host, SleepWatch, Writer } from '../../host/host.ts';
import { treesIn } from '../../host/processes/trees.ts';
import { OpenLook } from '../holding/open-look.ts';
import { createLike, openRegular, removeIfThere } from '../on-disk/regular-file.ts';
import { atIdleInstant } from './instant.ts';
import { prepareSwap, swap } from './swap.ts';

/**
 * `cut`: its lines are in the rotated file, and the live one is empty. `unsure`: so too, but this process was
 * held up at that very moment: what a writer wrote just then, if it did, is lost.
 * `busy`: no moment was found at which nobody writes; nothing has changed. `not-append`: a writer keeps a position of its own and would
 * leave a hole; nothing has changed. `unknown`: one that may write to it may not be looked into; nothing has changed.
 */
export type CutResult = 'cut' | 'unsure' | 'busy' | 'not-append' | 'unknown';

export interface Cut {
  readonly live: string;
  readonly rotated: string;
  /** Processes that, with all below them, may be among the writers. */
  readonly pids: readonly number[];
  /** How long a fit instant is looked for. */
  readonly boundMs: number;
}

/** `.pm2-2026-11-24T00-00-00Z.log.copy` */
export function copyName(rotated: string): string {
  return join(dirname(rotated), `.${basename(rotated)}.copy`);
}

/**
 * Rotates a file that its writers keep open and never reopen: a copy that keeps up, and a truncation at an instant at which all writers are
 * asleep and the copy is whole. What is appended afterwards goes to the begin of the empty file (O_APPEND).
 * @throws the file system's error, with the live file as it was
 */
export async function cut(host: Host, { live, rotated, pids, boundMs }: Cut): Promise<CutResult> {
  const writers = await writersOf(host, live, pids);
  if (writers === null) return 'unknown';
  if (writers.length === 0) {
    swap(prepareSwap(live, rotated));
    return 'cut';
  }
  if (!writers.every(({ appends }) => appends)) return 'not-append';
  const copy = copyName(rotated);
  removeIfThere(copy);
  const source = openRegular(live, constants.O_RDWR);
  try {
    const result = await copyThenTruncate(host, { source, copy, writers, boundMs });
    if (result === 'busy' || result === 'unknown') removeIfThere(copy);
    else renameSync(copy, rotated);
    return result;
  } catch (error) {
    removeIfThere(copy);
    throw error;
  } finally {
    closeSync(source);
  }
}

/** null: not known, as one of the processes, or of those below them, may not be looked into. */
async function writersOf(host: Host, live: string, pids: readonly number[]): Promise<readonly Writer[] | null> {
  const table = await host.processes().catch(() => null);
  if (table === null) return null;
  const suspects = pids.flatMap(treesIn(table));
  return (await OpenLook.at(host, suspects)).isWholeOf(suspects) ? host.writersOf(live) : null;
}

/** @returns true when a copy that a kill left is worth keeping: the live file does not begin with it any more, so it had been truncated */
export function wasCut(live: string, copy: string): boolean {
  const a = openRegular(live, constants.O_RDONLY);
  const b = openRegular(copy, constants.O_RDONLY);
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

async function copyThenTruncate(
  host: Host,
  { source, copy, writers, boundMs }: { source: number; copy: string; writers: readonly Writer[]; boundMs: number },
): Promise<CutResult> {
  const pids = writers.map(({ pid }) => pid);
  const opened = pids.map((pid) => host.watchSleep(pid));
  const watches = opened.filter((watch) => watch !== null);
  const target = watches.length < opened.length ? null : createLike(copy, fstatSync(source));
  try {
    if (target === null) return 'unknown';
    const copier = new Copier(source, target);
    while (copier.step()) await setImmediate();
    fsyncSync(target);
    let sure = false;
    const fire = () => {
      const truncation = truncateAsleep(host, watches, copier);
      sure = truncation === 'sure';
      return truncation !== null;
    };
    const fired = await atIdleInstant(host, pids, { ready: () => !copier.step() && copier.endsALine, fire, boundMs });
    return fired ? (sure ? 'cut' : 'unsure') : 'busy';
  } finally {
    if (target !== null) closeSync(target);
    for (const watch of watches) watch.close();
  }
}

/** Within this nobody wakes up and writes. What takes longer was held up: by this machine, or, as in a virtual one, by what it runs on. */
const UNDISTURBED_MS = 0.3;

/**
 * A writer that slept a moment ago takes longer to wake up and write than this thread takes to truncate, unless this one was held up.
 * @returns null: one of them does not sleep or has written more, and nothing was done
 */
function truncateAsleep(host: Host, watches: readonly SleepWatch[], copier: Copier): 'sure' | 'unsure' | null {
  const before = host.preemptions();
  const marks = watches.map((watch) => watch.mark());
  const began = performance.now();
  if (!watches.every((watch) => watch.asleep()) || !copier.truncateIfWhole()) return null;
  const undisturbed = performance.now() - began < UNDISTURBED_MS && before !== null && host.preemptions() === before;
  return undisturbed || watches.every((watch, i) => watch.mark() === marks[i]) ? 'sure' : 'unsure';
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

  /** @returns false: there is more by now, and nothing was done */
  truncateIfWhole(): boolean {
    if (fstatSync(this.#source).size !== this.#done) return false;
    ftruncateSync(this.#source, 0);
    return true;
  }

  get endsALine(): boolean {
    return this.#last === 0x0a;
  }
}
