import { isIP } from 'node:net';
import type { Expectation, HttpAsk } from '../../config/resolved.ts';
import { requestOf } from './request.ts';

/** A check by HTTP, taken apart once so that a check costs no parsing. */
export interface HttpTarget {
  /** `unix`: plain HTTP over a socket file. */
  readonly kind: 'http' | 'https' | 'unix';
  /** Tried in turn, the next one only when the one before refuses. Of a socket file: its path. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** Host and port, or the socket's path, for people. */
  readonly place: string;
  /** By which hosts, with their ports, the server may call itself where it redirects to itself. */
  readonly names: readonly string[];
  /** What is sent: the whole request. */
  readonly request: string;
  /** Asked by HEAD: no body follows. */
  readonly headOnly: boolean;
  readonly expect: Expectation | null;
  /** The name that the certificate must bear (https). */
  readonly servername: string;
  readonly anyCertificate: boolean;
}

/** @throws URIError when the user name or the password has a % that is none */
export function httpTarget(url: URL, ask: HttpAsk): HttpTarget {
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const kind = url.protocol === 'http:' ? 'http' : 'https';
  return {
    kind,
    hosts: hostsOf(name),
    port: Number(url.port) || (kind === 'http' ? 80 : 443),
    place: url.host,
    ...asked(url, ask),
    servername: isIP(name) ? '' : name,
    anyCertificate: isLoopback(name),
  };
}

/** @param socket its path, absolute; `path`: path and query of the request */
export function unixTarget(socket: string, path: string, ask: HttpAsk): HttpTarget {
  const url = new URL(`http://localhost${path}`);
  return { kind: 'unix', hosts: [socket], port: 0, place: socket, ...asked(url, ask), servername: '', anyCertificate: true };
}

/** `localhost` is 127.0.0.1, then ::1, whatever the machine's resolver says. */
export function hostsOf(name: string): readonly string[] {
  return name === 'localhost' ? ['127.0.0.1', '::1'] : [name];
}

function asked(url: URL, ask: HttpAsk) {
  const host = Object.entries(ask.headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
  const names = [url.host, ...(host === undefined ? [] : [host])].map((name) => name.toLowerCase());
  return { names, request: requestOf(url, ask), headOnly: ask.method === 'HEAD', expect: ask.expect };
}

/** This machine itself: nobody is in between. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
