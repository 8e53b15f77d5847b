import type { Answer } from '../../policy/observation.ts';

/** It says that the backend is not well, or says nothing. */
export function isSick(answer: Answer): boolean {
  if (answer.kind === 'answer') return answer.expected?.met === false || answer.status >= 500;
  return answer.kind !== 'well' && answer.kind !== 'void' && answer.kind !== 'misdirected';
}

/** It is answered, and tells nothing of the backend. */
export function isMisdirected(answer: Answer): boolean {
  return (
    answer.kind === 'misdirected' ||
    (answer.kind === 'answer' && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
  );
}

/** An answer to a health check, as a clause. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'answer':
      return `it answers ${answer.status}${answer.excerpt === '' ? '' : `: ${answer.excerpt.slice(0, 120)}`}`;
    case 'refused':
      return 'it refuses the connection: nothing listens there';
    case 'timeout':
      return 'no answer in time: it hangs, or is busy';
    case 'broken':
      return `it broke the connection (${answer.code})`;
    case 'misdirected':
      return `its check ${answer.detail}`;
    case 'sick':
    case 'silent':
      return `it ${answer.detail}`;
    case 'well':
    case 'void':
      return answer.detail;
  }
}
