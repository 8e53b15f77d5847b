/** Time from outside: one that never steps, and the one people read. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. Stands still for nobody: not for a stopped process either. */
  now(): number;
  /** Wall clock, milliseconds since 1970. May jump. */
  wallNow(): number;
}

/** A clock that also wakes: what is to happen later is asked of it, so that a test's time can pass without anybody waiting. */
export interface AlarmClock extends Clock {
  /**
   * Calls `run` once, `delayMs` from now at the earliest, however long that is; not before the caller has returned.
   * @returns cancels it; to no effect once it has been called
   */
  after(delayMs: number, run: () => void): () => void;
}

/** Node's timers take 31 bits and fire at once for anything longer (lib/internal/timers.js, TIMEOUT_MAX). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: AlarmClock = { now: () => performance.now(), wallNow: () => Date.now(), after };

function after(delayMs: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > LONGEST_TIMER_MS
        ? setTimeout(() => wait(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(run, Math.max(0, leftMs));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}

/** Resolves after `ms`. */
export function sleep(clock: AlarmClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/**
 * Calls `run` every `ms`, first after `ms`.
 * @returns how to end it
 */
export function every(clock: AlarmClock, ms: number, run: () => void): () => void {
  let cancel = clock.after(ms, again);
  function again(): void {
    cancel = clock.after(ms, again);
    run();
  }
  return () => cancel();
}
