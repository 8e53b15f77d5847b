import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import type { GrpcCheck } from '../../config/resolved.ts';
import type { Answer } from '../../policy/observation.ts';
import { answerOfError } from '../failed.ts';
import { hostsOf, isLoopback } from '../http/target.ts';
import { healthRequest, servingStatus } from './message.ts';
import { answerOfStatus } from './status.ts';

/** A check by gRPC's standard health protocol (grpc.health.v1), ready to be made. */
export interface GrpcTarget {
  readonly kind: 'grpc';
  readonly hosts: readonly string[];
  readonly port: number;
  readonly place: string;
  readonly asked: GrpcCheck;
}

/** The answer is two bytes; what is much longer is none. */
const MAX_BYTES = 4 * 1024;

export function grpcTarget(asked: GrpcCheck): GrpcTarget {
  const { host, port } = asked;
  return { kind: 'grpc', hosts: hostsOf(host), port, place: `${host.includes(':') ? `[${host}]` : host}:${port}`, asked };
}

/** Health/Check over a connection of its own. @returns cancels it and closes the socket; nothing that is settled after that counts */
export function attemptGrpc(target: GrpcTarget, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  const session = open(target, host);
  const failed = (error: Error) => settle(answerOf(error.cause instanceof Error ? error.cause : error, startedAt, target.place));
  session.on('error', failed);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'pm2-lifeguard',
  });
  let head: IncomingHttpHeaders = {};
  let body = Buffer.alloc(0);
  stream.on('error', failed);
  stream.on('response', (headers) => {
    head = headers;
  });
  stream.on('trailers', (trailers) => {
    head = { ...head, ...trailers };
  });
  stream.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk]);
    if (body.length > MAX_BYTES) settle({ kind: 'broken', code: 'ERR_TOO_LONG', latencyMs: performance.now() - startedAt });
  });
  stream.on('end', () => settle(answerOfStatus(head, servingStatus(body), target, performance.now() - startedAt)));
  stream.end(healthRequest(target.asked.service));
  return () => session.destroy();
}

function open({ port, place, asked }: GrpcTarget, host: string): ClientHttp2Session {
  // It takes 3 MB of memory: it is loaded when there is something to ask by gRPC.
  const http2 = process.getBuiltinModule('node:http2');
  if (asked.tls) return http2.connect(`https://${place}`, { host, rejectUnauthorized: !isLoopback(asked.host) });
  return http2.connect(`http://${place}`, { createConnection: () => connectTcp({ host, port }) });
}

/** A partner that speaks no HTTP/2 at all was not meant; one that breaks off in it is broken. */
function answerOf(error: Error & { code?: unknown }, startedAt: number, place: string): Answer {
  const latencyMs = performance.now() - startedAt;
  if (error.code === 'ERR_HTTP2_ERROR') return { kind: 'misdirected', detail: `finds no gRPC at ${place}` };
  if (typeof error.code === 'string' && error.code.startsWith('ERR_HTTP2_'))
    return { kind: 'broken', code: error.code, latencyMs };
  return answerOfError(error, latencyMs, place);
}
