import type { Failure } from '../judging/classify.ts';
import type { Checks, Failures } from '../state.ts';

/**
 * Checks overlap, so their results come out of order. What is older than a later success is no news any more, nor is a
 * timeout that is older than an answer of any kind.
 */
export function isStale({ succeededAt, answeredAt }: Checks, failure: Failure, startedAt: number): boolean {
  if (succeededAt !== null && startedAt < succeededAt) return true;
  return failure.failure === 'timeout' && answeredAt !== null && startedAt < answeredAt;
}

/** The row with one more failure; the caller has left out stale ones. */
export function afterFailure(row: Failures | null, { failure, text }: Failure, startedAt: number, now: number): Failures {
  return {
    count: (row?.count ?? 0) + 1,
    timeouts: failure === 'timeout' ? (row?.timeouts ?? 0) + 1 : 0,
    kind: failure === 'timeout' ? (row?.kind ?? null) : failure,
    firstStartedAt: row?.firstStartedAt ?? startedAt,
    lastStartedAt: Math.max(startedAt, row?.lastStartedAt ?? startedAt),
    firstFailedAt: row?.firstFailedAt ?? now,
    text,
  };
}
