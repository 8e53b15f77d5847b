export interface RetrySchedule {
  readonly startupDelaysMs: readonly number[];
  readonly reconnect: { readonly initialMs: number; readonly maxMs: number };
}

/** One try more than there are delays between them. */
export function startupTries(schedule: RetrySchedule): number {
  return schedule.startupDelaysMs.length + 1;
}

/**
 * How long to wait after the `failures`-th failure in a row, in ms. Until the database was up once: the start-up's delays, then
 * the longest of the reconnect delays. Afterwards: doubled from the first reconnect delay to the longest.
 */
export function retryDelayMs(failures: number, wasUp: boolean, { startupDelaysMs, reconnect }: RetrySchedule): number {
  if (!wasUp) return startupDelaysMs[failures - 1] ?? reconnect.maxMs;
  return Math.min(reconnect.initialMs * 2 ** (failures - 1), reconnect.maxMs);
}
