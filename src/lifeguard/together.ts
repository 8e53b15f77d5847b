/** Checks that start together are read together: one wake-up of the process serves them all, which halves what a check costs. */
const GRID_MS = 100;
/** With fewer backends there is next to nothing to save. */
const MANY = 50;

/**
 * When the next check of a backend that is well starts, in a large fleet: at a moment of its own within the interval, spread evenly over
 * the fleet on a grid of 100 ms, and not when the one before happened to start. Otherwise all that were started at once would be checked at
 * once for ever.
 * @param delayMs when it is due, from now
 * @param now monotonic ms
 * @param place of the backend in the fleet, from 0
 * @returns the delay to that moment: at most half an interval from the one given, once; then always an interval
 */
export function togetherWithOthers(
  delayMs: number,
  now: number,
  { intervalMs, place, size }: { intervalMs: number; place: number; size: number },
): number {
  if (size < MANY || intervalMs < 2 * GRID_MS) return delayMs;
  const phase = Math.floor(((place / size) * intervalMs) / GRID_MS) * GRID_MS;
  const due = now + delayMs;
  const moment = phase + Math.round((due - phase) / intervalMs) * intervalMs;
  return Math.max(0, moment - now);
}
