import type { Clock } from '../../clock/clock.ts';

/**
 * Looking through all open files takes some 40 µs for each log file. Of a thousand apps that is not to be done every second: the next look
 * comes when this many times as long has passed as the last one took.
 */
const SHARE = 100;

/** When to look through the open files of everybody who writes to a log, and what is made of it. */
export class OpenFileLooks {
  readonly #clock: Clock;
  #nextAt = 0;
  #wasStale = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isDue(): boolean {
    return this.#clock.now() >= this.#nextAt;
  }

  /** Two looks of one round count together. */
  look<T>(look: () => T): T {
    const startedAt = this.#clock.now();
    const found = look();
    const endedAt = this.#clock.now();
    this.#nextAt = Math.max(this.#nextAt, endedAt) + SHARE * (endedAt - startedAt);
    return found;
  }

  /**
   * Whether somebody for good does not hold a file that he writes to. An app that is just starting or stopping looks like this for a moment,
   * too: so it is believed at the second look.
   * @param atOnce believed at the first
   */
  isStale(look: () => boolean, atOnce: boolean): boolean {
    const stale = this.look(look);
    const believed = stale && (this.#wasStale || atOnce);
    this.#wasStale = stale && !believed;
    return believed;
  }
}
