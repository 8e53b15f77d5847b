import type { AlarmClock } from '../../../src/clock/clock.ts';
import { TimerHeap } from './timer-heap.ts';

/** So many timers are run before Node is given back its event loop: what a turn of that costs is shared among them. */
const BATCH = 500;

/** So many timers at one and the same moment are no progress any more. */
const STUCK_AFTER = 100_000;

/**
 * Time that passes as fast as it can be played. Between two timers everything that was promised is kept: each runs in an immediate of its
 * own, and Node settles all promises before the next one. So the same timers in the same order give the same world, and none is late.
 */
export class VirtualClock implements AlarmClock {
  #now: number;
  #wallOffset: number;
  readonly #timers = new TimerHeap();
  #atThisMoment = 0;
  /** Who asked for one of the timers that keep time from going on. */
  #whoAsked = '';
  /** Timers run so far. */
  steps = 0;

  /** @param wallStart what the wall clock shows at the monotonic time 0, ms since 1970 */
  constructor(now: number, wallStart: number) {
    this.#now = now;
    this.#wallOffset = wallStart;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return Math.round(this.#now + this.#wallOffset);
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = this.#timers.add(this.#now + Math.max(0, delayMs), run);
    if (this.#atThisMoment === STUCK_AFTER - 1) this.#whoAsked = new Error('asked for').stack ?? '';
    return () => this.#timers.cancel(timer);
  }

  /** The wall clock is set, as by NTP or after a sleep during which the monotonic one stood still. */
  stepWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** Nothing ran for so long, and all clocks went on: every timer that fell due meanwhile is late. */
  leap(byMs: number): void {
    this.#now += byMs;
  }

  /**
   * Plays until this time, or until `isOver` says so (asked after each timer).
   * @throws Error when time stands still: one timer brings forth the next, for ever, without delay
   */
  run(until: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (settle: () => void): void => {
        over = true;
        settle();
      };
      const step = (): void => {
        if (over) return;
        try {
          if (isOver()) end(resolve);
          else if (!this.#step(until)) {
            this.#now = Math.max(this.#now, until);
            end(resolve);
          }
        } catch (error) {
          end(() => reject(error));
        }
      };
      const batch = (): void => {
        if (over) return;
        for (let i = 0; i < BATCH; i++) setImmediate(step);
        setImmediate(batch);
      };
      batch();
    });
  }

  /** Runs the next timer; false: none is due. */
  #step(until: number): boolean {
    const next = this.#timers.peek();
    if (next === undefined || next.at > until) return false;
    if (next.at > this.#now) {
      this.#now = next.at;
      this.#atThisMoment = 0;
    } else if (++this.#atThisMoment > STUCK_AFTER) {
      throw new Error(
        `time stands still at ${this.#now} ms: ${STUCK_AFTER} timers in a row were due at once; one was ${this.#whoAsked}`,
      );
    }
    this.steps += 1;
    this.#timers.take()?.();
    return true;
  }
}
