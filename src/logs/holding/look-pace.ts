import type { Clock } from '../../clock/clock.ts';

/**
 * Looking through all open files takes some 40 µs for each log file. Of a thousand apps that is not to be done every second: the next look
 * comes when this many times as long has passed as the last one took.
 */
const SHARE = 100;
/** And this when all was as it should be: of one app a look takes a third of all that lifeguard does in a second. A round of rotation rests as long. */
export const CALM_MS = 2_500;

/** When to look through the open files of everybody who writes to a log. */
export class LookPace {
  readonly #clock: Clock;
  #restsUntil = 0;
  #calmUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isDue(): boolean {
    return this.#clock.now() >= Math.max(this.#restsUntil, this.#calmUntil);
  }

  /** Two looks of one round count together. @param isCalm whether there is nothing that should soon be looked at again */
  async look<T>(look: () => Promise<T>, isCalm: () => boolean = () => false): Promise<T> {
    const startedAt = this.#clock.now();
    const found = await look();
    const endedAt = this.#clock.now();
    this.#restsUntil = Math.max(this.#restsUntil, endedAt) + SHARE * (endedAt - startedAt);
    if (isCalm()) this.#calmUntil = endedAt + CALM_MS;
    return found;
  }

  /** Files were moved: who holds which is worth a look again. */
  disturb(): void {
    this.#calmUntil = 0;
  }
}
