import type { Failure } from './classify.ts';
import type { Cause, Policy } from './policy.ts';
import { NEVER, type Streak } from './state.ts';

/** What a streak of failures amounts to. */
export interface Verdict {
  readonly kind: 'hang' | 'unreachable' | 'not-ready';
  readonly cause: Extract<Cause, 'hang' | 'unreachable' | '503'>;
}

const VERDICTS: Readonly<Record<Verdict['kind'], Verdict>> = {
  hang: { kind: 'hang', cause: 'hang' },
  unreachable: { kind: 'unreachable', cause: 'unreachable' },
  'not-ready': { kind: 'not-ready', cause: '503' },
};

/** A success ends any row of failures, also one from a check that was started before they were: it is an answer in between. */
export function afterSuccess({ successes }: Streak, now: number): Streak {
  return {
    failures: 0,
    successes: successes + 1,
    timeouts: 0,
    kind: null,
    firstStartedAt: NEVER,
    lastStartedAt: NEVER,
    firstFailedAt: NEVER,
    answeredAt: now,
    succeededAt: now,
    text: '',
  };
}

/**
 * Checks overlap, so their results come out of order. What is older than a later success is no news any more, nor is a
 * timeout that is older than an answer of any kind.
 */
export function isStale(streak: Streak, failure: Failure, startedAt: number): boolean {
  return startedAt < streak.succeededAt || (failure.failure === 'timeout' && startedAt < streak.answeredAt);
}

/** The row with one more failure; the caller has left out stale ones. */
export function afterFailure(streak: Streak, { failure, answered, text }: Failure, startedAt: number, now: number): Streak {
  const first = streak.failures === 0;
  return {
    failures: streak.failures + 1,
    successes: 0,
    timeouts: failure === 'timeout' ? streak.timeouts + 1 : 0,
    kind: failure === 'timeout' ? streak.kind : failure,
    firstStartedAt: first ? startedAt : streak.firstStartedAt,
    lastStartedAt: Math.max(startedAt, streak.lastStartedAt),
    firstFailedAt: first ? now : streak.firstFailedAt,
    answeredAt: answered ? now : streak.answeredAt,
    succeededAt: streak.succeededAt,
    text,
  };
}

/**
 * null: fewer failures than the threshold. A hang needs `failure_threshold` timeouts with no answer in between;
 * any other mixture is what the last failure said that was no timeout.
 */
export function verdictOf(streak: Streak, { failureThreshold }: Policy): Verdict | null {
  if (streak.failures < failureThreshold) return null;
  return VERDICTS[streak.timeouts >= failureThreshold ? 'hang' : (streak.kind ?? 'hang')];
}
