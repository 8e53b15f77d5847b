import type { Cause, Policy } from '../policy.ts';
import type { BackendState, Budget, CountedRestart } from '../state.ts';

/**
 * How many restarts count against `max_restarts` now: those of the sliding window, and any made for a dead process since it
 * last stood firm. A crash loop that is spaced out by its backoff can so not outlast the window, while a 503, which is held and
 * tried again only now and then, slides out with time alone.
 */
export function countRestarts({ budget }: Pick<BackendState, 'budget'>, policy: Policy, now: number): number {
  let count = 0;
  for (const restart of budget.restarts) if (counts(restart, budget, policy, now)) count++;
  return count;
}

export function isSpent(state: Pick<BackendState, 'budget'>, policy: Policy, now: number): boolean {
  return countRestarts(state, policy, now) >= policy.maxRestarts;
}

/** One restart more, and without those that no longer count. An operator's own is never among those that do. */
export function spend(budget: Budget, cause: Cause, policy: Policy, now: number, delayMs = budget.lastDelayMs): Budget {
  const counting = budget.restarts.filter((restart) => counts(restart, budget, policy, now));
  const restarts = cause === 'operator' ? counting : [...counting, { at: now, cause }];
  return { ...budget, restarts, lastAt: now, lastDelayMs: delayMs };
}

/** Without the one that was counted then: it turned out to have another reason. */
export function refund(budget: Budget, at: number): Budget {
  const last = budget.restarts.findLastIndex((restart) => restart.at === at);
  return last < 0 ? budget : { ...budget, restarts: budget.restarts.toSpliced(last, 1) };
}

function counts({ at, cause }: CountedRestart, { stableAt }: Budget, { withinMs }: Policy, now: number): boolean {
  return now - at < withinMs || (cause !== '503' && (stableAt === null || at > stableAt));
}
