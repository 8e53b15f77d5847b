import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { lookup } from './lookup.ts';

/** Of an answer's body; the rest is not read. */
const MOST_BYTES = 16 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For everything: the look-up, connecting, the answer's headers and body. */
  readonly deadlineMs: number;
}

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      /** As far as it was read. */
      readonly body: string;
    }
  /** `sent`: the request may have been received. `why`: for people, without the URL, which may be a secret. */
  | { readonly kind: 'none'; readonly why: string; readonly sent: boolean };

/** One request on a connection of its own. Follows no redirect. Never rejects, ends within the deadline. */
export async function ask(url: string, { method, headers, body, deadlineMs }: HttpRequest): Promise<HttpAnswer> {
  const target = new URL(url);
  const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const options: RequestOptions = {
    method,
    agent: false,
    lookup,
    headers: {
      'user-agent': 'pm2-lifeguard',
      ...headers,
      ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve) => {
    let isSent = false;
    const end = (answer: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      sent.destroy();
    };
    const none = (why: string) => end({ kind: 'none', why, sent: isSent });
    const timer = setTimeout(() => none(`no answer within ${deadlineMs / 1_000} s`), deadlineMs);
    const sent: ClientRequest = request(target, options);
    sent.once('socket', (socket) => {
      socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        isSent = true;
      });
    });
    sent.once('error', (error: NodeJS.ErrnoException) => none(inWords(error, target)));
    sent.once('response', (response) => readBody(response, end, none));
    sent.end(body ?? undefined);
  });
}

function readBody(response: IncomingMessage, end: (answer: HttpAnswer) => void, none: (why: string) => void): void {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let length = 0;
  const whole = () => end({ kind: 'answer', status, headers, body: Buffer.concat(chunks).toString('utf8').slice(0, MOST_BYTES) });
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MOST_BYTES) whole();
  });
  response.once('end', whole);
  // The status is known, and that decides.
  response.once('aborted', whole);
  response.once('error', (error) => none(error.message));
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'closed the connection without an answer',
  ENOTFOUND: 'is not found (DNS)',
  EAI_AGAIN: 'cannot be looked up (DNS)',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached: no network',
};

function inWords({ code, message }: NodeJS.ErrnoException, { hostname }: URL): string {
  const known = code === undefined ? undefined : WORDS[code];
  return known === undefined ? `${hostname}: ${message}` : `${hostname} ${known}`;
}
