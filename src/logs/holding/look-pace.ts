import type { Clock } from '../../clock/clock.ts';

/**
 * Looking through all open files takes some 40 µs for each log file. Of a thousand apps that is not to be done every second: the next look
 * comes when this many times as long has passed as the last one took.
 */
const SHARE = 100;

/** When to look through the open files of everybody who writes to a log. */
export class LookPace {
  readonly #clock: Clock;
  #nextAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isDue(): boolean {
    return this.#clock.now() >= this.#nextAt;
  }

  /** Two looks of one round count together. */
  async look<T>(look: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    const found = await look();
    const endedAt = this.#clock.now();
    this.#nextAt = Math.max(this.#nextAt, endedAt) + SHARE * (endedAt - startedAt);
    return found;
  }
}
