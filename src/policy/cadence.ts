import { downDependencies } from './dependencies.ts';
import type { Policy } from './policy.ts';
import type { BackendState } from './state.ts';

/** When the shell is to look again. null: not until something else happens. */
export interface Cadence {
  readonly nextCheckInMs: number | null;
  /** 0: what is known of the dependencies is older than the failures that it has to explain. */
  readonly nextDependencyCheckInMs: number | null;
}

/** Dependencies of a backend that is well are looked at this seldom: only a failure needs to know of them. */
const DEPENDENCY_IDLE_MS = 5_000;

/**
 * When the next check starts. A backend that is well is checked once an interval. As soon as a check stays unanswered for longer than is
 * usual with this backend, more of them start a quarter of the interval apart, so that `failure_threshold` timeouts come nearly together.
 * @param inFlight the checks of it that are under way, in any order
 */
export function cadence(
  state: BackendState,
  policy: Policy,
  inFlight: Iterable<{ readonly startedAt: number }>,
  now: number,
): Cadence {
  return {
    nextCheckInMs: nextCheck(state, policy, inFlight, now),
    nextDependencyCheckInMs: nextDependencyCheck(state, policy, now),
  };
}

function nextCheck(
  state: BackendState,
  policy: Policy,
  inFlight: Iterable<{ readonly startedAt: number }>,
  now: number,
): number | null {
  if (state.process !== 'up' || !isChecked(state)) return null;
  const quarter = policy.intervalMs / 4;
  const spacing = state.name === 'suspect' || state.name === 'starting' ? quarter : policy.intervalMs;
  let [count, oldest, newest] = [0, Number.POSITIVE_INFINITY, state.lastCheckAt];
  for (const { startedAt } of inFlight) {
    // Those of an earlier process may wait for their time-out yet; they say nothing about this one.
    if (startedAt < state.startedAt) continue;
    count += 1;
    oldest = Math.min(oldest, startedAt);
    newest = Math.max(newest, startedAt);
  }
  if (count === 0) return Math.max(0, state.lastCheckAt + spacing - now);
  if (count >= (mayOverlap(state) ? policy.failureThreshold : 1)) return null;
  return Math.max(0, Math.max(oldest + patience(state, policy), newest + quarter) - now);
}

function isChecked({ name }: BackendState): boolean {
  return name !== 'restarting' && name !== 'blocked' && name !== 'exhausted' && name !== 'stopped';
}

/** Where a verdict is sought. A backend that is known to be overloaded, or is held for another reason, is not pressed. */
function mayOverlap({ name }: BackendState): boolean {
  return name === 'healthy' || name === 'suspect';
}

/** How long an answer may take before it is remarkable: twice what is usual, but not so long that it hides a hang. */
function patience({ typicalMs }: BackendState, { intervalMs, timeoutMs }: Policy): number {
  return Math.max(intervalMs / 4, Math.min(2 * (typicalMs ?? 0), timeoutMs / 2));
}

function nextDependencyCheck(state: BackendState, policy: Policy, now: number): number | null {
  if (policy.dependencies.length === 0 || state.name === 'stopped') return null;
  let latest = Number.POSITIVE_INFINITY;
  for (const name in state.dependencies) latest = Math.min(latest, state.dependencies[name]?.at ?? latest);
  const isAsked = state.streak.failures > 0 || downDependencies(state).length > 0;
  if (isAsked && latest < state.streak.firstStartedAt) return 0;
  return Math.max(0, latest + (isAsked ? policy.intervalMs : Math.max(policy.intervalMs, DEPENDENCY_IDLE_MS)) - now);
}
