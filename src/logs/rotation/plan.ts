/** Why a file is rotated. `demand`: an operator asked. */
export type DueReason = 'size' | 'daily' | 'demand';

/** A live log file as it lies on the disk. */
export interface LiveFile {
  readonly bytes: number;
  /** Wall clock ms from which on its lines were written: its last rotation, or its creation. */
  readonly sinceMs: number;
}

/** A busy daemon may put a rotation off until a file is this many times `maxSizeBytes`. */
const HARD_SIZE_FACTOR = 2;
/** And at most for this long: a day's file is still that day's. */
const MAX_POSTPONE_MS = 60_000;

/**
 * Whether a file is to be rotated now, and why; an empty one never is.
 * A new local day is told by the day's date, not by 24 hours: days of 23 and 25 hours, and days that begin at 01:00, come out right.
 */
export function whyDue(
  file: LiveFile,
  policy: { readonly maxSizeBytes: number },
  now: { readonly wallMs: number; readonly demanded: boolean },
  dayOf: (ms: number) => string = localDay,
): DueReason | null {
  if (file.bytes === 0) return null;
  if (now.demanded) return 'demand';
  if (file.bytes >= policy.maxSizeBytes) return 'size';
  return dayOf(file.sinceMs) === dayOf(now.wallMs) ? null : 'daily';
}

/** Whether a due rotation must be done now even though no instant was found at which the daemon has nothing in hand. */
export function cannotWait(
  file: LiveFile,
  policy: { readonly maxSizeBytes: number },
  reason: DueReason,
  waitedMs: number,
): boolean {
  return reason === 'demand' || file.bytes >= HARD_SIZE_FACTOR * policy.maxSizeBytes || waitedMs >= MAX_POSTPONE_MS;
}

/** The date in the process's own time zone, `2026-11-24`. */
export function localDay(ms: number): string {
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
