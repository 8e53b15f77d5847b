import type { StateName } from '../../policy/state-name.ts';

/** What is known of a backend's checks. Durations in ms. */
export interface CheckLook {
  readonly name: string;
  readonly state: StateName;
  /** Since the youngest of its processes is up; null: none is. */
  readonly upForMs: number | null;
  /** Since a check last ended, whatever it found; null: none did. */
  readonly checkedAgoMs: number | null;
  /** null: nothing is asked for its health. */
  readonly intervalMs: number | null;
  readonly timeoutMs: number;
}

/** A check may be late for good reasons: a busy machine, a pause of it. */
const SLACK_MS = 10_000;
const INTERVALS = 3;

const NOT_CHECKED: ReadonlySet<StateName> = new Set(['stopped', 'completed', 'blocked', 'exhausted', 'restarting']);

/** The first backend whose checks ought to go on and do not, in words; null: all of them went on. What a check found does not matter. */
export function whoseChecksStopped(looks: Iterable<CheckLook>): string | null {
  for (const { name, state, upForMs, checkedAgoMs, intervalMs, timeoutMs } of looks) {
    if (intervalMs === null || upForMs === null || NOT_CHECKED.has(state)) continue;
    const limitMs = INTERVALS * intervalMs + timeoutMs + SLACK_MS;
    const uncheckedMs = Math.min(upForMs, checkedAgoMs ?? Number.POSITIVE_INFINITY);
    if (uncheckedMs > limitMs) return `${name} has not been checked for ${Math.round(uncheckedMs / 1_000)} s`;
  }
  return null;
}
