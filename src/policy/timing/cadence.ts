import { answering } from '../children.ts';
import { dependenciesKnownAt, downDependencies } from '../facts/dependencies.ts';
import type { Policy } from '../policy.ts';
import { FRESH_LOOK_MS } from '../restarting/parked.ts';
import type { BackendState } from '../state.ts';

/** When the shell is to look again. null: not until something else happens. */
export interface Cadence {
  readonly nextCheckInMs: number | null;
  /** 0: what is known of the dependencies is older than the failures that it has to explain. */
  readonly nextDependencyCheckInMs: number | null;
  /** At PM2's list and at the port. */
  readonly nextLookInMs: number | null;
}

/** Dependencies of a backend that is well are looked at this seldom: only a failure needs to know of them. */
const DEPENDENCY_IDLE_MS = 5_000;
/** A look that is to be fresh when something is due begins so long before. */
const LOOK_AHEAD_MS = 300;
/** What failed is not tried again at once. */
const LOOK_AFTER_FAULT_MS = 1_000;
const LOOK_AFTER_OPERATION_MS = 500;
/** While PM2 waits for a process to end. */
const STOPPING_EVERY_MS = 5_000;
/** While a port is held. */
const PORT_EVERY_MS = 500;

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
    nextCheckInMs: policy.isChecked ? nextCheck(state, policy, inFlight, now) : null,
    nextDependencyCheckInMs: nextDependencyCheck(state, policy, now),
    nextLookInMs: nextLook(state, now),
  };
}

function nextCheck(
  state: BackendState,
  policy: Policy,
  inFlight: Iterable<{ readonly startedAt: number }>,
  now: number,
): number | null {
  const present = answering(state);
  if (present.length === 0 || state.name === 'blocked') return null;
  const oldestUpAt = present.reduce((min, { upAt }) => Math.min(min, upAt), Number.POSITIVE_INFINITY);
  const quarter = policy.intervalMs / 4;
  const spacing = state.name === 'suspect' || state.name === 'starting' ? quarter : policy.intervalMs;
  let [count, oldest, newest] = [0, Number.POSITIVE_INFINITY, state.checks.lastStartedAt ?? Number.NEGATIVE_INFINITY];
  for (const { startedAt } of inFlight) {
    // Those of an earlier process may wait for their time-out yet; they say nothing about this one.
    if (startedAt < oldestUpAt) continue;
    count += 1;
    oldest = Math.min(oldest, startedAt);
    newest = Math.max(newest, startedAt);
  }
  if (count === 0) return Math.max(0, newest + spacing - now);
  if (count >= (mayOverlap(state) ? policy.failureThreshold : 1)) return null;
  return Math.max(0, Math.max(oldest + patience(state, policy), newest + quarter) - now);
}

/** Where a verdict is sought. A backend that is known to be overloaded, or is held for another reason, is not pressed. */
function mayOverlap({ name, judgement }: BackendState): boolean {
  return name === 'healthy' || name === 'suspect' || (name === 'paused' && judgement.name !== 'degraded');
}

/** How long an answer may take before it is remarkable: twice what is usual, but not so long that it hides a hang. */
function patience({ checks }: BackendState, { intervalMs, timeoutMs }: Policy): number {
  return Math.max(intervalMs / 4, Math.min(2 * (checks.typicalMs ?? 0), timeoutMs / 2));
}

function nextDependencyCheck(state: BackendState, policy: Policy, now: number): number | null {
  if (policy.dependencies.length === 0 || state.name === 'stopped') return null;
  const knownAt = dependenciesKnownAt(state);
  if (knownAt === null) return 0;
  const isAsked = state.failures !== null || state.deaths !== null || downDependencies(state).length > 0;
  if (state.failures !== null && knownAt < state.failures.firstStartedAt) return 0;
  return Math.max(
    0,
    knownAt + (isAsked ? Math.min(policy.intervalMs, 1_000) : Math.max(policy.intervalMs, DEPENDENCY_IDLE_MS)) - now,
  );
}

/** What is done must rest on what is so now: before a verdict and before a start PM2's list and the port are looked at afresh. */
function nextLook(state: BackendState, now: number): number | null {
  if (state.lookedAt === null && state.faultAt !== null) return Math.max(0, state.faultAt + LOOK_AFTER_FAULT_MS - now);
  const lookedAt = state.lookedAt ?? Number.NEGATIVE_INFINITY;
  if (state.blocked !== null || state.orphanAskedAt !== null) return Math.max(0, lookedAt + PORT_EVERY_MS - now);
  let next = Number.POSITIVE_INFINITY;
  // PM2 said that it is done, and the bus said nothing.
  const performedAt = state.operation?.performedAt ?? null;
  if (performedAt !== null && lookedAt < performedAt) next = Math.max(0, performedAt + LOOK_AFTER_OPERATION_MS - now);
  if (state.failures !== null && lookedAt < state.failures.firstFailedAt) next = 0;
  for (const { plan, phase } of state.children) {
    // The bus tells no more of it than its end, and that may be lost.
    if (phase === 'stopping') next = Math.min(next, Math.max(0, lookedAt + STOPPING_EVERY_MS - now));
    if (plan.is === 'parked' && plan.due !== null && lookedAt < plan.due.at - FRESH_LOOK_MS)
      next = Math.min(next, Math.max(0, plan.due.at - LOOK_AHEAD_MS - now));
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}
