import type { Answer } from './observation.ts';
import type { Policy } from './policy.ts';

/**
 * The 503 that uvicorn itself sends over its `--limit-concurrency` (uvicorn/protocols/http/flow_control.py, service_unavailable; seen with
 * 0.17.6). "Exceeded concurrency limit." is what it logs. Express's sendStatus(503) has the same body: the Server header tells them apart.
 */
const UVICORN_OVERLOAD = { server: 'uvicorn', body: 'Service Unavailable' };
const UVICORN_LOG_LINE = 'Exceeded concurrency limit.';

/** Whether a 503 asks for patience: it says when to come again, or it is uvicorn's own. `retry_after_max: 0` believes neither. */
export function isOverload(answer: Extract<Answer, { kind: 'answer' }>, policy: Policy): boolean {
  if (answer.status !== 503 || policy.retryAfterMaxMs <= 0) return false;
  const isUvicorns = answer.server === UVICORN_OVERLOAD.server && answer.excerpt === UVICORN_OVERLOAD.body;
  return answer.retryAfterMs !== null || isUvicorns || answer.excerpt.includes(UVICORN_LOG_LINE);
}

/** When the row of such answers began, after one more of them or after the first of another kind. */
export function overloadAfter(since: number | null, isOverloaded: boolean, now: number): number | null {
  return isOverloaded ? (since ?? now) : null;
}

/** Believed from the first such answer of a row for at most `retry_after_max`; then it is judged like any other 503. */
export function overloadBelieved(since: number | null, policy: Policy, now: number): boolean {
  return since !== null && now - since < policy.retryAfterMaxMs;
}
