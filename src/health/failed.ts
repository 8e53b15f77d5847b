import type { Answer } from '../policy/observation.ts';

/** Failures on our side: no descriptor, no port, no memory, not allowed. A restart of the backend cures none of them. */
const OWN_ERRORS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
/** What openssl and node say of a certificate, and of a partner that speaks another protocol. */
const TLS_ERROR = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_)/;

type Failure = Error & { readonly code?: unknown; readonly syscall?: unknown; readonly reason?: unknown };

/**
 * What a failed connection or a broken exchange says about the backend.
 * @param place what was asked, for people: host and port, or the path of a socket
 */
export function answerOfError(error: Failure, latencyMs: number, place: string): Answer {
  const code = typeof error.code === 'string' ? error.code : 'UNKNOWN';
  // The socket of a server that is not there yet, or was taken away.
  if (code === 'ECONNREFUSED' || (code === 'ENOENT' && error.syscall === 'connect')) return { kind: 'refused', latencyMs };
  if (code === 'ETIMEDOUT') return { kind: 'timeout', latencyMs };
  if (error.syscall === 'getaddrinfo') return { kind: 'misdirected', detail: `cannot look up the host of ${place} (${code})` };
  if (TLS_ERROR.test(code))
    return { kind: 'misdirected', detail: `cannot trust or read the TLS of ${place} (${tlsReason(error, code)})` };
  if (OWN_ERRORS.has(code) || code.startsWith('ERR_'))
    return { kind: 'void', why: 'own-error', detail: `${code}: ${error.message}` };
  return { kind: 'broken', code, latencyMs };
}

/** openssl's own words where it has some (in the message of an EPROTO): 'wrong version number' is a partner that speaks no TLS. */
function tlsReason({ reason, message }: Failure, code: string): string {
  const words = typeof reason === 'string' ? reason : /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  return words === undefined ? code : `${code}: ${words}`;
}
