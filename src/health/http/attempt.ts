import type { Answer } from '../../policy/observation.ts';
import { exchange } from './exchange.ts';
import { redirectOf } from './redirect.ts';
import { withPath } from './request.ts';
import type { HttpTarget } from './target.ts';
import { sameWhole } from './whole-answer.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Asks once, and once more where a redirect leads within the same server. A redirect that is expected is an answer.
 * @returns cancels it; nothing that is settled after that counts
 */
export function attemptHttp(target: HttpTarget, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  let cancel = exchange(target, target.request, host, startedAt, (answer, location) => {
    if (!isRedirect(answer, target)) return settle(answer);
    const to = redirectOf(target, location);
    if ('elsewhere' in to) return settle(misdirected(`is redirected to ${to.elsewhere}`));
    cancel();
    cancel = exchange(target, withPath(target.request, to.path), host, startedAt, (second) =>
      settle(
        isRedirect(second, target) ? misdirected(`is redirected to ${to.path}, and on from there`) : reached(second, to.path),
      ),
    );
  });
  return () => cancel();
}

function isRedirect(answer: Answer, { expect }: HttpTarget): boolean {
  return answer.kind === 'answer' && REDIRECTS.has(answer.status) && !expect?.status?.includes(answer.status);
}

function reached(answer: Answer, path: string): Answer {
  return answer.kind === 'answer' ? sameWhole({ ...answer, redirectedTo: path }, answer) : answer;
}

function misdirected(detail: string): Answer {
  return { kind: 'misdirected', detail };
}
