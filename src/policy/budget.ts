import type { Cause, Policy } from './policy.ts';
import type { BackendState, CountedRestart } from './state.ts';

/**
 * How many restarts count against `max_restarts` now: those of the sliding window, and any made for a dead process since it
 * last stood firm. A crash loop that is spaced out by its backoff can so not outlast the window, while a 503, which is held and
 * tried again only now and then, slides out with time alone.
 */
export function countRestarts(state: BackendState, policy: Policy, now: number): number {
  let count = 0;
  for (const restart of state.restarts) if (counts(restart, state, policy, now)) count++;
  return count;
}

export function isSpent(state: BackendState, policy: Policy, now: number): boolean {
  return countRestarts(state, policy, now) >= policy.maxRestarts;
}

/** The window with one restart more and without those that no longer count. An operator's own is never in it. */
export function spend(state: BackendState, cause: Cause, policy: Policy, now: number): readonly CountedRestart[] {
  if (cause === 'operator') return state.restarts;
  return [...state.restarts.filter((restart) => counts(restart, state, policy, now)), { at: now, cause }];
}

function counts({ at, cause }: CountedRestart, { stableAt }: BackendState, { withinMs }: Policy, now: number): boolean {
  return now - at < withinMs || (cause !== '503' && (stableAt === null || at > stableAt));
}
