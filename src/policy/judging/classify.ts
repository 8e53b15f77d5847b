import type { Answer, Observation } from '../observation.ts';
import type { Policy } from '../policy.ts';
import type { FailureKind } from '../state.ts';
import { inWords } from '../telling/in-words.ts';
import { namedDown } from './dependency-field.ts';
import { patienceOf } from './overload.ts';

/** What one check says about the backend. */
export type Result =
  /** `warning`: it answers, and somebody should know something about the check all the same. */
  | { readonly kind: 'success'; readonly warning: string | null }
  /** It answers, but what is asked cannot tell how it is. `text`: as the end of a sentence that begins with "its check". */
  | { readonly kind: 'misconfigured'; readonly text: string }
  | Failure
  /** Nothing: the fault was our own, or there is nothing new. */
  | { readonly kind: 'void' };

export interface Failure {
  readonly kind: 'failure';
  readonly failure: FailureKind;
  /** Something was answered, so the process does not hang. */
  readonly answered: boolean;
  /** It asks for patience for so long; null: it does not; undefined: it says nothing, and an earlier answer's word stands. */
  readonly patienceMs: number | null | undefined;
  /** What was seen, as the end of a sentence that begins with "the backend". */
  readonly text: string;
}

type Whole = Extract<Answer, { kind: 'answer' }>;
type Which = 'liveness' | 'readiness';

const VOID: Result = { kind: 'void' };

/** Judges both answers of one check: whether it is ready by readiness, everything else by liveness. */
export function classify({ liveness, readiness }: Observation, policy: Policy): Result {
  switch (liveness.kind) {
    case 'void':
      return VOID;
    case 'refused':
      return failure('unreachable', false, 'refuses connections');
    case 'broken':
      return failure('unreachable', false, `breaks the connection (${liveness.code})`);
    case 'timeout':
      return whenLivenessTimedOut(readiness, policy);
    case 'silent':
      return failure('silent', false, liveness.detail);
    case 'sick':
      return failure('error', true, liveness.detail);
    case 'misdirected':
      return misconfigured('liveness', liveness.detail);
    case 'well':
      return whenAlive(null, readiness, policy);
    case 'answer':
      return whenAnswered(liveness, readiness, policy);
  }
}

/** A process that answers anything at all does not hang, and is not to be killed like one that does. */
function whenLivenessTimedOut(readiness: Answer | null, policy: Policy): Result {
  const within = `within ${inWords(policy.timeoutMs)}`;
  switch (readiness?.kind) {
    case 'answer':
      if (readiness.status === 503 || readiness.status === 429) return notReady(readiness, policy);
      return failure('unreachable', true, `has no liveness answer ${within}, though readiness answers ${readiness.status}`);
    case 'refused':
    case 'broken':
      return failure('unreachable', false, `has no liveness answer ${within} and refuses or breaks other connections`);
    case 'well':
    case 'sick':
      return failure('unreachable', true, `has no liveness answer ${within}, though its readiness check has one`);
    default:
      return failure('timeout', false, `has no answer ${within}`);
  }
}

function whenAnswered(liveness: Whole, readiness: Answer | null, policy: Policy): Result {
  const { status, expected } = liveness;
  if (isBusy(status)) return whenAlive(liveness, readiness, policy);
  if (expected?.met === false) return failure('unreachable', true, `answers ${status}, but ${expected.detail}`);
  if (status >= 500 && expected?.met !== true) return failure('error', true, `answers ${status}${where(liveness)}`);
  return whenAlive(liveness, readiness, policy);
}

/** @param liveness null: one that is no HTTP says that it is well */
function whenAlive(liveness: Whole | null, readiness: Answer | null, policy: Policy): Result {
  const ready = readiness === null ? null : ofReadiness(readiness, policy);
  if (ready !== null && (ready.kind === 'failure' || ready.kind === 'void')) return ready;
  if (liveness !== null && isBusy(liveness.status) && liveness.expected?.met !== true) return notReady(liveness, policy);
  if (ready?.kind === 'misconfigured') return ready;
  if (liveness === null) return { kind: 'success', warning: ready?.warning ?? null };
  const odd = oddity(liveness);
  if (odd !== null) return misconfigured('liveness', odd);
  return { kind: 'success', warning: liveness.warning ?? ready?.warning ?? null };
}

function ofReadiness(readiness: Answer, policy: Policy): Result {
  switch (readiness.kind) {
    case 'void':
      return VOID;
    case 'refused':
    case 'broken':
    case 'timeout': {
      const text = `is alive, but its readiness has no whole answer (${readiness.kind})`;
      return { ...failure('not-ready', true, text), patienceMs: undefined };
    }
    case 'sick':
    case 'silent':
      return failure('not-ready', true, readiness.detail);
    case 'misdirected':
      return misconfigured('readiness', readiness.detail);
    case 'well':
      return { kind: 'success', warning: null };
    case 'answer': {
      if (readiness.expected?.met === true) return { kind: 'success', warning: readiness.warning ?? null };
      if (readiness.status >= 500 || readiness.status === 429 || readiness.expected?.met === false)
        return notReady(readiness, policy);
      const odd = oddity(readiness);
      return odd === null ? { kind: 'success', warning: readiness.warning ?? null } : misconfigured('readiness', odd);
    }
  }
}

function notReady(answer: Whole, policy: Policy): Failure {
  const named = policy.dependencies
    .filter(({ field }) => field !== null && namedDown(answer.json, field))
    .map(({ name }) => name);
  const names = named.length > 0 ? `, and names ${named.join(' and ')} as the cause` : '';
  const unmet = answer.expected?.met === false && answer.status < 500 ? `, but ${answer.expected.detail}` : '';
  const text = `answers ${answer.status}${where(answer)}${unmet}${names}`;
  return { ...failure('not-ready', true, text), patienceMs: patienceOf(answer, policy) };
}

/** Why an answer cannot tell anything; null: it can. */
function oddity(answer: Whole): string | null {
  const { status, expected } = answer;
  if (expected?.met === true || status < 300) return null;
  if (status < 400) return `is redirected elsewhere (${status})`;
  return status < 500 ? `is answered ${status}${where(answer)}: the path is wrong, or it wants a login or another Host` : null;
}

function where({ redirectedTo }: Whole): string {
  return redirectedTo === undefined ? '' : ` (at ${redirectedTo})`;
}

/** Not an error of its own, but a word on whether it can serve now. */
function isBusy(status: number): boolean {
  return status === 503 || status === 429;
}

function misconfigured(which: Which, text: string): Result {
  return { kind: 'misconfigured', text: `its ${which} check ${text}` };
}

function failure(kind: FailureKind, answered: boolean, text: string): Failure {
  return { kind: 'failure', failure: kind, answered, patienceMs: answered ? null : undefined, text };
}
