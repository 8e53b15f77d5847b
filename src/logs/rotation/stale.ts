import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import type { Failures } from '../failures.ts';
import { staleSources } from '../holding/holders.ts';
import type { OpenLook } from '../holding/open-look.ts';
import type { LogSource } from '../sources.ts';

/** An app that is just starting or stopping does not hold its files for a moment. */
const MOMENT_MS = 500;
/** After a reload that did not help the next one waits, twice as long each time. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 600_000;
/** So many reloads in vain, and somebody is told. */
const IN_VAIN = 2;

/**
 * Finds the files that somebody writes to and for good does not hold: a write that failed, a file or its folder removed by hand. One
 * reload cures that, of all apps together: so it is asked for with growing distance where it does not.
 *
 * It is asked for of a process that was seen without its file twice, never of one after the other: an app that ends before PM2 has
 * opened its files anew ends PM2's daemon (`stds[io].removeListener is not a function`), and in a crash loop somebody always ends.
 */
export class StaleFiles {
  readonly #clock: Clock;
  readonly #failures: Failures;
  /** Monotonic ms of the first look that found it so, by file and processes. */
  #since: ReadonlyMap<string, number> = new Map();
  #reloads = 0;
  #notBefore = 0;

  constructor(clock: Clock, failures: Failures) {
    this.#clock = clock;
    this.#failures = failures;
  }

  /** Whether the last look found one. */
  get any(): boolean {
    return this.#since.size > 0;
  }

  /** Whether a reload is due. */
  needReload(sources: readonly LogSource[], look: OpenLook): boolean {
    const now = this.#clock.now();
    const stale = staleSources(sources, look);
    const before = this.#since;
    this.#since = new Map(stale.map((source) => [keyOf(source), before.get(keyOf(source)) ?? now]));
    if (stale.length === 0) this.#reloads = 0;
    const lasting = stale.filter((source) => now - (this.#since.get(keyOf(source)) ?? now) >= MOMENT_MS);
    if (lasting.length === 0 || now < this.#notBefore) return false;
    const hopeful = lasting.filter((source) => this.#hasFolder(source));
    if (hopeful.length === 0) return false;
    if (this.#reloads >= IN_VAIN) for (const { path } of hopeful) this.#failures.add(path, notReopened(path));
    this.#notBefore = now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#reloads++);
    return true;
  }

  /** The reload that was due could not be asked for. */
  putOff(): void {
    this.#reloads = Math.max(0, this.#reloads - 1);
  }

  /** PM2 makes a file anew, but not the folder that it was in. */
  #hasFolder({ path }: LogSource): boolean {
    const folder = dirname(path);
    return isFolder(folder) || this.#failures.try(path, () => void mkdirSync(folder, { recursive: true, mode: 0o750 }));
  }
}

function keyOf({ path, streams }: LogSource): string {
  return [path, ...streams.map(({ pid }) => pid)].join(' ');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function notReopened(path: string): Error {
  const text = `${path}: PM2 was asked to open it anew and has not; what is written to it is lost`;
  return Object.assign(new Error(text), { code: 'NOT_REOPENED' });
}
