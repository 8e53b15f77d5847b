import type { Answer, Observation } from '../../policy/observation.ts';

export type CheckResult = 'success' | 'failure' | 'void';

/** What one check came to, in words of which there are few: they are labels. */
export interface Outcome {
  readonly result: CheckResult;
  /** `ok`, `503`, `5xx`, `timeout`, `refused` …; of a void one why it says nothing. */
  readonly reason: string;
  /** Of the answer to liveness; null: there was none. */
  readonly seconds: number | null;
}

/** A check is as good as the worse of its two answers; one of them void, and it says nothing. */
export function outcomeOf({ liveness, readiness }: Pick<Observation, 'liveness' | 'readiness'>): Outcome {
  const seconds = 'latencyMs' in liveness ? liveness.latencyMs / 1_000 : null;
  const answers = readiness === null ? [liveness] : [liveness, readiness];
  const reasons = answers.map(reasonOf);
  const without = answers.findIndex(({ kind }) => kind === 'void');
  if (without >= 0) return { result: 'void', reason: reasons[without] ?? 'void', seconds };
  const reason = reasons.find((each) => each !== 'ok') ?? 'ok';
  return { result: reason === 'ok' ? 'success' : 'failure', reason, seconds };
}

function reasonOf(answer: Answer): string {
  switch (answer.kind) {
    case 'answer':
      if (answer.expected?.met === false) return 'unexpected';
      return answer.expected?.met === true || answer.status < 400 ? 'ok' : statusReason(answer.status);
    case 'well':
      return 'ok';
    case 'void':
      return answer.why;
    default:
      return answer.kind;
  }
}

function statusReason(status: number): string {
  if (status === 429 || status === 503) return String(status);
  return status < 500 ? '4xx' : '5xx';
}
