import { isIPv4 } from 'node:net';
import type { CheckTarget, HttpCheck } from '../config/resolved.ts';

/** Where a check of a backend's health asks, as a container or another supervisor would have to ask it from beside the backend. */
export type Endpoint =
  | HttpEndpoint
  | { readonly kind: 'tcp'; readonly port: number }
  /** It cannot be asked that way: `why` is a sentence's end. */
  | { readonly kind: 'other'; readonly why: string };

export interface HttpEndpoint {
  readonly kind: 'http';
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly path: string;
  /** Those that are no secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** More is expected of an answer than its status. */
  readonly expectsMore: boolean;
}

/** Headers that everybody may read. Any other one may hold a secret. */
const NO_SECRETS = /^(host|accept|user-agent)$/i;

/** @param target what is asked; null: nothing is */
export function endpointOf(target: CheckTarget | null): Endpoint | null {
  if (target === null) return null;
  if (target.kind === 'command') return { kind: 'other', why: 'it runs a command' };
  if (target.kind === 'grpc') return { kind: 'other', why: 'it asks by gRPC' };
  if (target.kind === 'heartbeat') return { kind: 'other', why: 'it waits for a heartbeat' };
  if (target.url.startsWith('unix:')) return { kind: 'other', why: 'it asks over a socket file' };
  const url = new URL(target.url);
  if (!isLoopback(url.hostname)) return { kind: 'other', why: `it asks ${url.host}, which is not the backend itself` };
  if (target.kind === 'tcp') return { kind: 'tcp', port: Number(url.port) };
  const why = unsayable(target, url);
  if (why !== null) return { kind: 'other', why };
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  return {
    kind: 'http',
    scheme,
    port: Number(url.port) || (scheme === 'http' ? 80 : 443),
    path: `${url.pathname}${url.search}`,
    headers: target.headers,
    expectsMore: target.expect !== null && (target.expect.body !== null || target.expect.json !== null),
  };
}

/** What a plain GET cannot do, or no file should show. */
function unsayable({ method, headers, expect }: HttpCheck, url: URL): string | null {
  const secret = Object.keys(headers).filter((name) => !NO_SECRETS.test(name));
  if (url.username !== '' || url.password !== '') return 'its URL holds a user and a password';
  if (secret.length > 0) return `it sends ${secret.join(', ')}, which may be a secret`;
  if (method !== 'GET') return `it asks by ${method}`;
  if (expect?.status?.some((status) => status >= 400)) return `it expects ${expect.status.join(' or ')}`;
  return null;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}
