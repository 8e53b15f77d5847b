/**
 * Whether the wall clock may be believed when it says that a file is old. It may not for an hour after it jumped, nor for the first
 * hour of a start at which no file speaks for it: a clock that jumps a year ahead and back costs nobody a log.
 */
export interface ClockTrust {
  /** The last look at both clocks. */
  readonly wallMs: number;
  readonly monotonicMs: number;
  /** Monotonic ms from which on the wall clock is believed. */
  readonly fromMs: number;
}

const HOUR_MS = 3_600_000;
/** The two clocks drift apart by far less than this between two looks, unless one of them was set. */
const JUMP_MS = 60_000;
/** A time this recent shows that the clock went on from where it was. */
const RECENT_MS = 48 * HOUR_MS;

export interface Look {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * At the start. `evidenceMs`: wall clock times that were written down earlier (names and modification times of log files).
 * Times within the last hour prove nothing: they may have been written after a jump.
 */
export function firstLook(look: Look, evidenceMs: readonly number[]): ClockTrust {
  const proven = evidenceMs.some((at) => look.wallMs - at >= HOUR_MS && look.wallMs - at <= RECENT_MS);
  return { ...look, fromMs: proven ? look.monotonicMs : look.monotonicMs + HOUR_MS };
}

/** At every later look. A machine that was suspended looks like a jump too, and costs an hour's delay. */
export function nextLook(trust: ClockTrust, look: Look): ClockTrust {
  const drift = look.wallMs - trust.wallMs - (look.monotonicMs - trust.monotonicMs);
  const fromMs = Math.abs(drift) > JUMP_MS ? look.monotonicMs + HOUR_MS : trust.fromMs;
  return { ...look, fromMs };
}

export function isTrusted(trust: ClockTrust): boolean {
  return trust.monotonicMs >= trust.fromMs;
}
