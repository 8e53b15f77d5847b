import { dirname, join } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import { rotatedFilesOf, statOf } from '../on-disk/directory.ts';
import { type Listing, Listings } from '../on-disk/listing.ts';
import { freeName } from '../on-disk/names.ts';
import type { LogSource } from '../sources.ts';
import { cannotWait, type DueReason, whyDue } from './plan.ts';
import type { Target } from './rotate.ts';

export interface Due {
  readonly target: Target;
  readonly why: DueReason;
}

/** A file that cannot be rotated is tried again after this. */
const RETRY_MS = 60_000;
const LOOKS_AHEAD = 4;

/** Remembers since when each live file has been written to, and since when it is due. */
export class DueBook {
  readonly #clock: Clock;
  /** Wall clock ms. */
  readonly #since = new Map<string, number>();
  /** Monotonic ms since which a due file waits for an idle instant. */
  readonly #waiting = new Map<string, number>();
  /** Monotonic ms before which it is not tried again. */
  readonly #notBefore = new Map<string, number>();
  /** Bytes at the last look. */
  readonly #sizes = new Map<string, number>();
  #isFarOff = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A file is seen for the first time: its first line was written at its last rotation or its creation, as well as can be told.
   * What lies in the future, as when the clock went back, tells nothing.
   */
  begin({ path }: LogSource, listing?: Listing): void {
    const now = this.#clock.wallNow();
    const last = rotatedFilesOf(path, listing).at(-1)?.atMs;
    const since = last !== undefined && last <= now ? last : statOf(path)?.birthtimeMs || now;
    this.#since.set(path, Math.min(since, now));
  }

  rotated(path: string): void {
    this.#since.set(path, this.#clock.wallNow());
    this.#waiting.delete(path);
  }

  postponed(path: string): void {
    if (!this.#waiting.has(path)) this.#waiting.set(path, this.#clock.now());
  }

  failed(path: string): void {
    this.#notBefore.set(path, this.#clock.now() + RETRY_MS);
  }

  /** At the last look no file was due, or will be by its size within the next few looks if it goes on growing as it did since the one before. */
  get isFarOff(): boolean {
    return this.#isFarOff;
  }

  due(sources: readonly LogSource[], demanded: boolean): Due[] {
    this.#isFarOff = true;
    const wallMs = this.#clock.wallNow();
    const listings = new Listings();
    return sources.flatMap((source) => {
      if (!demanded && this.#clock.now() < (this.#notBefore.get(source.path) ?? 0)) return [];
      const file = { bytes: statOf(source.path)?.size ?? 0, sinceMs: this.#since.get(source.path) ?? wallMs };
      const why = whyDue(file, source.policy, { wallMs, demanded });
      if (why !== null || !this.#isSlow(source, file.bytes)) this.#isFarOff = false;
      const name = why && freeName(source.path, wallMs, listings.beside(source.path).names);
      if (!why || !name) return [];
      const waitedMs = this.#clock.now() - (this.#waiting.get(source.path) ?? this.#clock.now());
      const must = cannotWait(file, source.policy, why, waitedMs);
      return [{ target: { source, rotated: join(dirname(source.path), name), must }, why }];
    });
  }

  #isSlow({ path, policy }: LogSource, bytes: number): boolean {
    const grown = Math.abs(bytes - (this.#sizes.get(path) ?? 0));
    this.#sizes.set(path, bytes);
    return bytes + LOOKS_AHEAD * grown < policy.maxSizeBytes;
  }
}
