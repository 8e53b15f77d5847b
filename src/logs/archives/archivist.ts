import { lstatSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { fileId, idOfPath } from '../../host/file-id.ts';
import type { Host } from '../../host/host.ts';
import { holdersOf } from '../holding/holders.ts';
import { type Hold, OpenLook } from '../holding/open-look.ts';
import type { LogEvent } from '../log-event.ts';
import { type Found, rotatedFilesOf } from '../on-disk/directory.ts';
import type { LogSource } from '../sources.ts';
import { compress } from './archive.ts';
import { joinTornLine } from './stitch.ts';

/** How long the end of a cut line is waited for before the file is archived as it is. */
const LINE_END_MS = 10_000;
/** Where it can't be told who holds a file, it must have been left alone for this long since its writers said that they let go. */
const SETTLE_MS = 10_000;
/** After a failure. */
const RETRY_MS = 30_000;

export interface ArchivistPorts {
  readonly host: Pick<Host, 'openFilesOf'>;
  readonly report: (event: LogEvent) => void;
  readonly failed: (path: string, error: unknown) => void;
  /** There is no room to compress into. */
  readonly paused: (path: string) => boolean;
}

/** A rotated file that is not archived yet. */
interface Pending {
  readonly source: LogSource;
  /** Its writers have said since that they let go of what they held. */
  letGo: boolean;
  /** Monotonic ms. */
  notBefore: number;
}

/** Looks after rotated files until they are archived, one at a time, oldest first. */
export class Archivist {
  readonly #ports: ArchivistPorts;
  readonly #pending = new Map<string, Pending>();
  #running: Promise<void> | null = null;

  constructor(ports: ArchivistPorts) {
    this.#ports = ports;
  }

  add(path: string, source: LogSource): void {
    this.#pending.set(path, { source, letGo: false, notBefore: 0 });
  }

  /** Plain rotated files that are not archived yet, oldest first for each live file. */
  get pending(): readonly string[] {
    return [...this.#pending.keys()].toSorted();
  }

  /** The writers of these live files have let go of all that was rotated so far. */
  letGo(live: readonly string[]): void {
    for (const pending of this.#pending.values()) pending.letGo ||= live.includes(pending.source.path);
  }

  /** There is room again: what failed is tried at once. */
  retry(): void {
    for (const pending of this.#pending.values()) pending.notBefore = 0;
  }

  /** Starts on what is pending, unless it is at it. `all` tells who may still hold a file. */
  start(all: readonly LogSource[]): void {
    this.#running ??= this.#work(all).finally(() => {
      this.#running = null;
    });
  }

  /**
   * The rotated files that one of their writers still has open, as it has not been told to reopen; and the live files of which that can't
   * be told.
   */
  async heldBehind(): Promise<{ held: string[]; unknown: string[] }> {
    const look = await OpenLook.at(this.#ports.host, holdersOf([...this.#pending.values()].map(({ source }) => source)));
    const held: string[] = [];
    const unknown: string[] = [];
    for (const path of this.pending) {
      const pending = this.#pending.get(path);
      const id = idOfPath(path);
      if (!pending || id === null || pending.source.writing !== 'reopened') continue;
      const hold = look.hold(id, holdersOf([pending.source]));
      if (hold === 'held') held.push(path);
      if (hold === 'unknown' && !pending.letGo) unknown.push(pending.source.path);
    }
    return { held, unknown };
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
    const pending = this.#pending.get(path);
    if (!pending || this.#ports.paused(path) || performance.now() < pending.notBefore) return false;
    try {
      return (await this.#archive(path, pending, all)) && this.#pending.delete(path);
    } catch (error) {
      pending.notBefore = performance.now() + RETRY_MS;
      this.#ports.failed(path, error);
      return false;
    }
  }

  /** @returns false: not yet */
  async #archive(path: string, { source, letGo }: Pending, all: readonly LogSource[]): Promise<boolean> {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile()) return true;
    const writers = holdersOf([source, ...all.filter((each) => each.path === source.path)]);
    const look = await OpenLook.at(this.#ports.host, writers);
    const leftAloneMs = Date.now() - Math.max(Number(stat.ctimeMs), Number(stat.mtimeMs));
    if (!isFree(look.hold(fileId(stat)), letGo && leftAloneMs >= SETTLE_MS)) return false;
    if (stat.size === 0n) {
      unlinkSync(path);
      return true;
    }
    if (joinTornLine(path, successorOf(path, source), source.path) === 'waiting' && leftAloneMs < LINE_END_MS) return false;
    if (source.policy.compress) this.#ports.report({ kind: 'archived', path: `${path}.gz`, bytes: await compress(path) });
    return true;
  }
}

function isFree(hold: Hold, settled: boolean): boolean {
  return hold === 'free' || (hold === 'unknown' && settled);
}

/** The file that goes on where this one ends: the next rotated one if it is still plain, or else the live one. null: it is compressed. */
function successorOf(path: string, source: LogSource): string | null {
  const files: Found[] = rotatedFilesOf(source.path);
  const next = files[files.findIndex((file) => basename(file.path) === basename(path)) + 1];
  if (next === undefined) return source.path;
  return next.compressed ? null : next.path;
}
