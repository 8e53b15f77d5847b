import { lstatSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { fileId, idOfPath, openFilesOf } from '../holding/open-files.ts';
import type { LogEvent } from '../log-event.ts';
import { type Found, rotatedFilesOf } from '../on-disk/directory.ts';
import { holdersOf } from '../rotation/rotate.ts';
import type { LogSource } from '../sources.ts';
import { compress } from './archive.ts';
import { joinTornLine } from './stitch.ts';

/** How long the end of a cut line is waited for before the file is archived as it is. */
const LINE_END_MS = 10_000;
/** Where nobody tells who holds a file (no /proc), it is left alone for this long. */
const SETTLE_MS = 10_000;
/** After a failure. */
const RETRY_MS = 30_000;

/** Looks after rotated files until they are archived, one at a time, oldest first. */
export class Archivist {
  readonly #report: (event: LogEvent) => void;
  readonly #failed: (path: string, error: unknown) => void;
  readonly #paused: (path: string) => boolean;
  /** Monotonic ms. */
  readonly #notBefore = new Map<string, number>();
  readonly #pending = new Map<string, LogSource>();
  #running: Promise<void> | null = null;

  /** `paused`: there is no room to compress into. */
  constructor(
    report: (event: LogEvent) => void,
    failed: (path: string, error: unknown) => void,
    paused: (path: string) => boolean,
  ) {
    this.#report = report;
    this.#failed = failed;
    this.#paused = paused;
  }

  add(path: string, source: LogSource): void {
    this.#pending.set(path, source);
  }

  /** Plain rotated files that are not archived yet, oldest first for each live file. */
  get pending(): readonly string[] {
    return [...this.#pending.keys()].toSorted();
  }

  /** There is room again: what failed is tried at once. */
  retry(): void {
    this.#notBefore.clear();
  }

  /** Starts on what is pending, unless it is at it. `all` tells who may still hold a file. */
  start(all: readonly LogSource[]): void {
    this.#running ??= this.#work(all).finally(() => {
      this.#running = null;
    });
  }

  /** By live path: its newest rotated file that one of its writers still has open, as it has not been told to reopen. */
  heldBehind(): Map<string, string> {
    const open = new Map<number, Set<string> | null>();
    const held = this.pending.flatMap((path) => {
      const source = this.#pending.get(path);
      const id = idOfPath(path);
      if (!source || id === null) return [];
      const pids = source.streams.map(({ holder }) => holder).filter((pid) => pid > 0);
      for (const pid of pids) if (!open.has(pid)) open.set(pid, openFilesOf(pid));
      return pids.some((pid) => open.get(pid)?.has(id)) ? [[source.path, path] as const] : [];
    });
    return new Map(held);
  }

  /** Resolves when it has nothing under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Until a whole turn has brought nothing: meanwhile more may have come. */
  async #work(all: readonly LogSource[]): Promise<void> {
    for (let progress = true; progress; ) {
      progress = false;
      for (const path of this.pending) if (await this.#one(path, all)) progress = true;
    }
  }

  /** @returns whether it is done with that file */
  async #one(path: string, all: readonly LogSource[]): Promise<boolean> {
    const source = this.#pending.get(path);
    if (!source || this.#paused(path) || performance.now() < (this.#notBefore.get(path) ?? 0)) return false;
    try {
      return (await archive(path, source, all, this.#report)) && this.#pending.delete(path);
    } catch (error) {
      this.#notBefore.set(path, performance.now() + RETRY_MS);
      this.#failed(path, error);
      return false;
    }
  }
}

/** @returns false: not yet */
async function archive(
  path: string,
  source: LogSource,
  all: readonly LogSource[],
  report: (event: LogEvent) => void,
): Promise<boolean> {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat?.isFile()) return true;
  const ageMs = Date.now() - Number(stat.ctimeMs);
  const held = isHeld(fileId(stat), holdersOf(all));
  if (held === true || (held === null && ageMs < SETTLE_MS)) return false;
  if (stat.size === 0n) {
    unlinkSync(path);
    return true;
  }
  if (joinTornLine(path, successorOf(path, source)) === 'waiting' && ageMs < LINE_END_MS) return false;
  if (source.policy.compress) report({ kind: 'archived', path: `${path}.gz`, bytes: await compress(path) });
  return true;
}

function isHeld(id: string, pids: readonly number[]): boolean | null {
  let unknown = false;
  for (const pid of pids) {
    const open = openFilesOf(pid);
    if (open?.has(id)) return true;
    unknown ||= open === null;
  }
  return unknown && process.platform !== 'linux' ? null : false;
}

/** The file that goes on where this one ends: the next rotated one if it is still plain, or else the live one. null: it is compressed. */
function successorOf(path: string, source: LogSource): string | null {
  const files: Found[] = rotatedFilesOf(source.path);
  const next = files[files.findIndex((file) => basename(file.path) === basename(path)) + 1];
  if (next === undefined) return source.path;
  return next.compressed ? null : next.path;
}
