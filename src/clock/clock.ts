/** Time from outside: one that never steps, and the one people read. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. Stands still for nobody: not for a stopped process either. */
  now(): number;
  /** Wall clock, milliseconds since 1970. May jump. */
  wallNow(): number;
}

export const systemClock: Clock = { now: () => performance.now(), wallNow: () => Date.now() };
