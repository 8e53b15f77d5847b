import type { GrpcCheck, HttpAsk, HttpCheck, TcpCheck } from '../config/resolved.ts';
import { type GrpcTarget, grpcTarget } from './grpc/attempt.ts';
import { type HttpTarget, hostsOf, httpTarget, unixTarget } from './http/target.ts';

/**
 * What one socket asks, taken apart once so that a check costs no parsing.
 *
 * - `http://` and `https://`: a request for path and query. User-info becomes a Basic Authorization header. A redirect to the same host and
 *   port is followed once.
 * - `https://` to this machine itself (localhost, 127.0.0.0/8, ::1) takes any certificate: nobody is in between, and a backend's own is
 *   nearly always self-signed or made out to its public name. To any other host the certificate must be valid.
 * - `unix:/path.sock:/health`: HTTP over a socket file.
 * - `tcp://host:port`: the connection alone.
 * - gRPC's health protocol.
 */
export type Target = TcpTarget | HttpTarget | GrpcTarget;

export interface TcpTarget {
  readonly kind: 'tcp';
  readonly hosts: readonly string[];
  readonly port: number;
  /** Host and port, for people. */
  readonly place: string;
}

/** The kernel's limit for the path of a socket file, without the zero byte at its end. */
const MAX_SOCKET_PATH_BYTES = 107;

/** @throws TypeError when it is none of these. The message is a sentence, and holds no user-info */
export function parseTarget(text: string, ask: HttpAsk = PLAIN_GET): TcpTarget | HttpTarget {
  if (text.startsWith('unix:')) return parseUnix(text, ask);
  const url = parseUrl(text);
  if (url.protocol === 'tcp:') {
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (name === '' || url.port === '') throw new TypeError('A tcp:// address needs a host and a port: tcp://127.0.0.1:6379.');
    return { kind: 'tcp', hosts: hostsOf(name), port: Number(url.port), place: url.host };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`A target is http://, https://, tcp:// or unix:, not ${url.protocol}//.`);
  }
  try {
    return httpTarget(url, ask);
  } catch {
    throw new TypeError('A % in a user name or a password is written %25.');
  }
}

/** The target of a backend's check. @throws TypeError as {@link parseTarget} does */
export function targetOf(check: HttpCheck | TcpCheck | GrpcCheck): Target {
  if (check.kind === 'grpc') return grpcTarget(check);
  return parseTarget(check.url, check.kind === 'http' ? check : PLAIN_GET);
}

const PLAIN_GET: HttpAsk = { method: 'GET', headers: {}, expect: null };

function parseUnix(text: string, ask: HttpAsk): HttpTarget {
  const [, socket, path] = /^unix:(?:\/\/(?=\/))?(.+?):(\/\S*)$/.exec(text) ?? [];
  if (socket === undefined || path === undefined) {
    throw new TypeError('A socket file and a path on it are written unix:/run/app.sock:/health.');
  }
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH_BYTES) {
    throw new TypeError(
      `The path of a socket has ${MAX_SOCKET_PATH_BYTES} bytes at most; this one has ${Buffer.byteLength(socket)}.`,
    );
  }
  return unixTarget(socket, path, ask);
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new TypeError('A target is a whole URL, such as http://127.0.0.1:5555/health.');
  }
}
