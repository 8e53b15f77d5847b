import { namedDown } from './dependency-field.ts';
import { inWords } from './in-words.ts';
import type { Answer, Observation } from './observation.ts';
import { isOverload } from './overload.ts';
import type { Policy } from './policy.ts';
import type { FailureKind } from './state.ts';

/** What one check says about the backend. */
export type Result =
  /** `warning`: it answers, but something about the check is configured wrongly; never a reason to restart. */
  | { readonly kind: 'success'; readonly warning: string | null }
  | Failure
  /** Nothing: the fault was our own. */
  | { readonly kind: 'void' };

export interface Failure {
  readonly kind: 'failure';
  readonly failure: FailureKind;
  /** Something was answered, so the process does not hang. */
  readonly answered: boolean;
  /** A 503 that asks for patience. */
  readonly overload: boolean;
  /** What was seen, as the end of a sentence that begins with "the backend". */
  readonly text: string;
}

type Whole = Extract<Answer, { kind: 'answer' }>;

/** Judges both answers of one check: 503 by readiness, everything else by liveness. */
export function classify({ liveness, readiness }: Observation, policy: Policy): Result {
  switch (liveness.kind) {
    case 'void':
    case 'well':
    case 'sick':
    case 'silent':
    case 'misdirected':
      return { kind: 'void' };
    case 'refused':
      return failure('unreachable', false, 'refuses connections');
    case 'broken':
      return failure('unreachable', false, `breaks the connection (${liveness.code})`);
    case 'timeout':
      return whenLivenessTimedOut(readiness, policy);
    case 'answer':
      return isServerError(liveness.status) && liveness.status !== 503
        ? failure('unreachable', true, `answers ${liveness.status}`)
        : whenAlive(liveness, readiness, policy);
  }
}

/** A process that answers anything at all does not hang, and is not to be killed like one that does. */
function whenLivenessTimedOut(readiness: Answer | null, policy: Policy): Result {
  const within = `within ${inWords(policy.timeoutMs)}`;
  if (readiness?.kind === 'answer') {
    if (readiness.status === 503) return notReady(readiness, policy);
    return failure('unreachable', true, `has no liveness answer ${within}, though readiness answers ${readiness.status}`);
  }
  if (readiness?.kind === 'refused' || readiness?.kind === 'broken') {
    return failure('unreachable', false, `has no liveness answer ${within} and refuses or breaks other connections`);
  }
  return failure('timeout', false, `has no answer ${within}`);
}

function whenAlive(liveness: Whole, readiness: Answer | null, policy: Policy): Result {
  if (readiness?.kind === 'void' || readiness?.kind === 'misdirected') return { kind: 'void' };
  if (readiness !== null && readiness.kind !== 'answer') {
    return failure('not-ready', true, `is alive, but its readiness has no whole answer (${readiness.kind})`);
  }
  if (readiness?.status === 503) return notReady(readiness, policy);
  if (liveness.status === 503) return notReady(liveness, policy);
  return { kind: 'success', warning: warningOf(liveness, 'liveness') ?? (readiness && warningOf(readiness, 'readiness')) };
}

function notReady(answer: Whole, policy: Policy): Failure {
  const named = policy.dependencies
    .filter(({ field }) => field !== null && namedDown(answer.json, field))
    .map(({ name }) => name);
  const names = named.length > 0 ? `, and names ${named.join(' and ')} as the cause` : '';
  return { ...failure('not-ready', true, `answers 503${names}`), overload: isOverload(answer, policy) };
}

function warningOf(answer: Whole, which: 'liveness' | 'readiness'): string | null {
  if (answer.status >= 400 && answer.status < 500)
    return `its ${which} check is answered ${answer.status}: the path is wrong, or it needs a login`;
  if (isServerError(answer.status) && answer.status !== 503)
    return `its readiness answers ${answer.status}, where 503 would mean 'not ready'`;
  return null;
}

function failure(kind: FailureKind, answered: boolean, text: string): Failure {
  return { kind: 'failure', failure: kind, answered, overload: false, text };
}

function isServerError(status: number): boolean {
  return status >= 500 && status <= 599;
}
