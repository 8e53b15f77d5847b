import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Answer } from '../policy/observation.ts';
import { answerOfError, MAX_BODY_BYTES, readBody } from './answer.ts';
import { retryAfterMs } from './retry-after.ts';
import type { HttpTarget } from './target.ts';

/**
 * One GET over a connection of its own: not kept alive, so that it also tells whether the backend still accepts connections.
 * @returns cancels it and closes the socket; nothing that is settled after that counts
 */
export function attemptHttp(target: HttpTarget, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  const since = () => performance.now() - startedAt;
  const fail = (error: Error) => settle(answerOfError(error, since()));
  const request = open(target, host);
  request.on('error', fail);
  request.on('response', (response) => readAnswer(response, since, settle, fail));
  // Last resort: closed with neither an answer nor an error (an unasked 101 Switching Protocols).
  request.on('close', () => settle({ kind: 'broken', code: 'ECONNRESET', latencyMs: since() }));
  request.end();
  return () => request.destroy();
}

function open(target: HttpTarget, host: string): ClientRequest {
  const { path, port, headers } = target;

  // With a connection of our own making node:http uses no agent at all.
  if (target.kind === 'http') {
    return httpRequest({ path, headers, setHost: false, createConnection: () => connect({ host, port }) });
  }
  // TLS takes 2 MB of memory: it is loaded when there is something to ask by https.
  const [https, tls] = [process.getBuiltinModule('node:https'), process.getBuiltinModule('node:tls')];
  const { servername, anyCertificate } = target;
  const createConnection = () => tls.connect({ host, port, servername, rejectUnauthorized: !anyCertificate });
  return https.request({ path, headers, setHost: false, createConnection });
}

function readAnswer(
  response: IncomingMessage,
  since: () => number,
  settle: (answer: Answer) => void,
  fail: (error: Error) => void,
) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (whole: boolean) => {
    const status = response.statusCode ?? 0;
    // Nobody asks to come back later with a success; node:http sorts the headers only when they are looked at.
    const { 'retry-after': retryAfter, date, server } = status < 300 ? {} : response.headers;
    const { json, excerpt } = readBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), whole);
    settle({
      kind: 'answer',
      status,
      latencyMs: since(),
      retryAfterMs: retryAfterMs(retryAfter, date, Date.now()),
      json,
      excerpt,
      ...(typeof server === 'string' ? { server } : {}),
    });
  };
  response.on('data', (chunk: Buffer) => {
    const room = MAX_BODY_BYTES - bytes;
    bytes += chunk.length;
    chunks.push(chunk.length > room ? chunk.subarray(0, Math.max(0, room)) : chunk);
    if (bytes > MAX_BODY_BYTES) finish(false);
  });
  response.on('end', () => finish(true));
  response.on('error', fail);
}
