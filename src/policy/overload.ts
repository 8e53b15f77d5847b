import type { Answer } from './observation.ts';
import type { Policy } from './policy.ts';

/** uvicorn's own body of the 503 that `--limit-concurrency` sends (uvicorn/protocols/http). */
const UVICORN_OVERLOAD = 'Exceeded concurrency limit.';

/** Whether a 503 asks for patience: it says when to come again, or it is uvicorn's own. `retry_after_max: 0` believes neither. */
export function isOverload(answer: Extract<Answer, { kind: 'answer' }>, policy: Policy): boolean {
  if (answer.status !== 503 || policy.retryAfterMaxMs <= 0) return false;
  return answer.retryAfterMs !== null || answer.excerpt.includes(UVICORN_OVERLOAD);
}

/** When the row of such answers began, after one more of them or after the first of another kind. */
export function overloadAfter(since: number | null, isOverloaded: boolean, now: number): number | null {
  return isOverloaded ? (since ?? now) : null;
}

/** Believed from the first such answer of a row for at most `retry_after_max`; then it is judged like any other 503. */
export function overloadBelieved(since: number | null, policy: Policy, now: number): boolean {
  return since !== null && now - since < policy.retryAfterMaxMs;
}
