import { unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import type { Failures } from '../failures.ts';
import type { LogEvent } from '../log-event.ts';
import { rotatedByApp, rotatedFilesOf, statOf } from '../on-disk/directory.ts';
import { Listings } from '../on-disk/listing.ts';
import type { LogSource } from '../sources.ts';
import { type ClockTrust, firstLook, isTrusted, nextLook } from './clock-trust.ts';
import { type Removal, removals, removalsForSpace } from './retention.ts';

const EVERY_MS = 60_000;

/** Removes rotated files when their time has come, or when their app has too many of them. */
export class Keeper {
  readonly #clock: Clock;
  readonly #failures: Failures;
  readonly #report: (event: LogEvent) => void;
  #trust: ClockTrust | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, failures: Failures, report: (event: LogEvent) => void) {
    this.#clock = clock;
    this.#failures = failures;
    this.#report = report;
  }

  /** To be called in every round: a jump of the clock is seen by comparing two looks. */
  look(sources: readonly LogSource[]): void {
    const look = { wallMs: this.#clock.wallNow(), monotonicMs: this.#clock.now() };
    this.#trust = this.#trust === null ? firstLook(look, evidence(sources)) : nextLook(this.#trust, look);
  }

  /** Once a minute, or `now`. `pending`: rotated files that are still to be compressed. */
  retain(sources: readonly LogSource[], { now, pending }: { now: boolean; pending: readonly string[] }): void {
    if (!now && this.#clock.now() - this.#lastAt < EVERY_MS) return;
    this.#lastAt = this.#clock.now();
    const at = { ...this.#now(), pending: new Set(pending) };
    for (const { source, files } of rotatedByApp(sources).values()) this.#remove(removals(files, source.policy, at));
  }

  /** Something was archived: what the caps count has changed. */
  retainSoon(): void {
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  /** Frees up to `neededBytes` in one directory, as far as retention allows. */
  makeRoom(sources: readonly LogSource[], directory: string, neededBytes: number): void {
    const here = sources.filter(({ path }) => dirname(path) === directory);
    for (const { source, files } of rotatedByApp(here).values())
      this.#remove(removalsForSpace(files, source.policy, neededBytes, this.#now()));
  }

  #now(): { readonly wallMs: number; readonly byAge: boolean } {
    return { wallMs: this.#clock.wallNow(), byAge: this.#trust !== null && isTrusted(this.#trust) };
  }

  #remove(planned: readonly Removal[]): void {
    for (const { path, bytes, why } of planned) {
      if (this.#failures.try(path, () => unlinkSync(path))) this.#report({ kind: 'removed', path, bytes, why });
    }
  }
}

/** Times that were written down before this start: they tell whether the clock went on from where it was. */
function evidence(sources: readonly LogSource[]): number[] {
  const listings = new Listings();
  return sources.flatMap(({ path }) => [
    ...[statOf(path)?.mtimeMs ?? []].flat(),
    ...rotatedFilesOf(path, listings.beside(path)).map((file) => file.atMs),
  ]);
}
