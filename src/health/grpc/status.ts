import type { IncomingHttpHeaders } from 'node:http2';
import type { Answer } from '../../policy/observation.ts';
import type { GrpcTarget } from './attempt.ts';
import type { ServingStatus } from './message.ts';

/** gRPC's status codes by number (grpc/grpc, doc/statuscodes.md). */
const CODES =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  );

/** What an answer by gRPC says: what is asked for wrongly is no fault of the backend's. */
export function answerOfStatus(
  head: IncomingHttpHeaders,
  serving: ServingStatus | null,
  { place, asked }: Pick<GrpcTarget, 'place' | 'asked'>,
  latencyMs: number,
): Answer {
  const misdirected = (detail: string): Answer => ({ kind: 'misdirected', detail });
  const sick = (detail: string): Answer => ({ kind: 'sick', latencyMs, detail, evidence: '' });
  if (head['grpc-status'] === undefined)
    return misdirected(`finds no gRPC at ${place} (HTTP ${head[':status'] ?? 'without a status'})`);
  const code = CODES[Number(head['grpc-status'])] ?? 'UNKNOWN';
  const service = asked.service === '' ? 'the server' : asked.service;
  switch (code) {
    case 'OK':
      if (serving === 'SERVING') return { kind: 'well', latencyMs, detail: `${service} is SERVING` };
      return sick(serving === null ? 'answers what is no health status, by gRPC' : `says that ${service} is ${serving}`);
    case 'NOT_FOUND':
      return misdirected(`asks for a service that is not known at ${place}: ${asked.service}`);
    case 'UNIMPLEMENTED':
      return misdirected(`finds no health service (grpc.health.v1) at ${place}`);
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return misdirected(`is not let in at ${place} (${code})`);
    default:
      return sick(`answers ${code} by gRPC`);
  }
}
