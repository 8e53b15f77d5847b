import { retryAfterMs } from '../../health/http/retry-after.ts';
import { mask } from '../../units/mask.ts';
import type { HttpAnswer } from '../delivery/http.ts';
import { cut } from '../message/clause.ts';
import { failed, type Outcome } from './channel.ts';

const LONGEST = 200;
/** Nobody is believed who asks for a longer pause. */
const LONGEST_PAUSE_MS = 3_600_000;

/** What a plain HTTP service's answer means. `pauseMs`: where the service says so in a way of its own. */
export function judge(answer: HttpAnswer, pauseMs: number | null = null): Outcome {
  if (answer.kind === 'none') return failed(answer.why, { maybeReceived: answer.sent });
  const { status, headers } = answer;
  const said = saidBy(answer);
  if (status >= 200 && status < 300) return { ok: true, answer: said };
  if (status >= 300 && status < 400) return failed(`${said}: a redirect; the configuration needs the URL that it leads to`);
  const pause = pauseMs ?? retryAfterMs(textOf(headers['retry-after']), textOf(headers.date), Date.now());
  return failed(said, {
    refused: status === 400 || status === 413 || status === 422,
    retryAfterMs: pause === null ? null : Math.min(pause, LONGEST_PAUSE_MS),
  });
}

/** `429 Too Many Requests {"retry_after": 3}`, in one line. */
export function saidBy(answer: HttpAnswer): string {
  if (answer.kind === 'none') return answer.why;
  const body = mask(answer.body.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  return cut(`${answer.status}${body === '' ? '' : ` ${body}`}`, LONGEST);
}

/** The answer's body, if it is a JSON object. */
export function jsonOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = answer.kind === 'answer' ? JSON.parse(answer.body) : null;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
