import type { Answer } from '../observation.ts';
import type { Policy } from '../policy.ts';
import type { BackendState } from '../state.ts';

/**
 * The 503 that uvicorn itself sends over its `--limit-concurrency` (uvicorn/protocols/http/flow_control.py, service_unavailable; seen with
 * 0.17.6). "Exceeded concurrency limit." is what it logs. Express's sendStatus(503) has the same body: the Server header tells them apart.
 */
const UVICORN_OVERLOAD = { server: 'uvicorn', body: 'Service Unavailable' };
const UVICORN_LOG_LINE = 'Exceeded concurrency limit.';

/** Past the moment that Retry-After names: the checks that follow have to find it well. */
const SLACK_MS = 5_000;

/**
 * For how long a 503 or 429 asks for patience: as it says by Retry-After and a little, or as long as is believed at all if it is uvicorn's own.
 * null: it does not; `retry_after_max: 0` believes neither.
 */
export function patienceOf(answer: Extract<Answer, { kind: 'answer' }>, { retryAfterMaxMs }: Policy): number | null {
  if ((answer.status !== 503 && answer.status !== 429) || retryAfterMaxMs <= 0) return null;
  if (answer.retryAfterMs !== null) return Math.min(retryAfterMaxMs, Math.max(0, answer.retryAfterMs) + SLACK_MS);
  const isUvicorns = answer.server === UVICORN_OVERLOAD.server && answer.excerpt === UVICORN_OVERLOAD.body;
  return answer.status === 429 || isUvicorns || answer.excerpt.includes(UVICORN_LOG_LINE) ? retryAfterMaxMs : null;
}

/**
 * Until when a row of such answers is believed, after one more failure: what it said last, but never longer than `retry_after_max` after its
 * first. An overloaded server times out now and then: that changes nothing. An answer of another kind ends the row.
 */
export function overloadAfter(
  row: BackendState['overload'],
  { patienceMs }: { readonly patienceMs: number | null | undefined },
  { retryAfterMaxMs }: Policy,
  now: number,
): BackendState['overload'] {
  if (patienceMs === undefined) return row;
  if (patienceMs === null) return null;
  const since = row?.since ?? now;
  return { since, until: Math.min(since + retryAfterMaxMs, now + patienceMs) };
}

export function isOverloadBelieved({ overload }: Pick<BackendState, 'overload'>, now: number): boolean {
  return overload !== null && now < overload.until;
}
