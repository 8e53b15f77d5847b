import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import type { Failures } from '../failures.ts';
import { staleSources } from '../holding/holders.ts';
import type { OpenLook } from '../holding/open-look.ts';
import type { LogSource } from '../sources.ts';

/** After a reload that did not help the next one waits, twice as long each time. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 600_000;
/** So many reloads in vain, and somebody is told. */
const IN_VAIN = 2;

/**
 * Finds the files that somebody writes to and for good does not hold: a write that failed, a file or its folder removed by hand. One
 * reload cures that, of all apps together: so it is asked for with growing distance where it does not.
 */
export class StaleFiles {
  readonly #clock: Clock;
  readonly #failures: Failures;
  #wasStale = false;
  #reloads = 0;
  #notBefore = 0;

  constructor(clock: Clock, failures: Failures) {
    this.#clock = clock;
    this.#failures = failures;
  }

  /**
   * Whether a reload is due. An app that is just starting or stopping looks stale for a moment, too: so it is believed at the second look,
   * or `atOnce`.
   */
  needReload(sources: readonly LogSource[], look: OpenLook, atOnce: boolean): boolean {
    const stale = staleSources(sources, look);
    const believed = stale.length > 0 && (this.#wasStale || atOnce);
    this.#wasStale = stale.length > 0;
    if (!this.#wasStale) this.#reloads = 0;
    if (!believed || this.#clock.now() < this.#notBefore) return false;
    const hopeful = stale.filter((source) => this.#hasFolder(source));
    if (hopeful.length === 0) return false;
    if (this.#reloads >= IN_VAIN) for (const { path } of hopeful) this.#failures.add(path, notReopened(path));
    this.#notBefore = this.#clock.now() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#reloads++);
    return true;
  }

  /** PM2 makes a file anew, but not the folder that it was in. */
  #hasFolder({ path }: LogSource): boolean {
    const folder = dirname(path);
    return isFolder(folder) || this.#failures.try(path, () => void mkdirSync(folder, { recursive: true, mode: 0o750 }));
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function notReopened(path: string): Error {
  const text = `${path}: PM2 was asked to open it anew and has not; what is written to it is lost`;
  return Object.assign(new Error(text), { code: 'NOT_REOPENED' });
}
