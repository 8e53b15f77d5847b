import { isIP } from 'node:net';

/**
 * A check's URL, taken apart once so that a check costs no parsing.
 *
 * - `http://` and `https://`: a GET of path and query. User-info becomes a Basic Authorization header. Redirects are answers, never followed.
 * - `https://` to this machine itself (localhost, 127.0.0.0/8, ::1) takes any certificate: nobody is in between, and a backend's own is
 *   nearly always self-signed or made out to its public name. To any other host the certificate must be valid.
 * - `tcp://host:port`: the connection alone.
 */
export type Target = TcpTarget | HttpTarget;

interface Place {
  /** Tried in turn, the next one only when the one before refuses. `localhost` is 127.0.0.1, then ::1. */
  readonly hosts: readonly string[];
  readonly port: number;
}

export interface TcpTarget extends Place {
  readonly kind: 'tcp';
}

export interface HttpTarget extends Place {
  readonly kind: 'http' | 'https';
  /** What is sent: the whole GET request. */
  readonly request: string;
  /** The name that the certificate must bear (https). */
  readonly servername: string;
  readonly anyCertificate: boolean;
}

/** @throws TypeError when it is no URL, of another protocol, or `tcp://` without a port. The message holds no user-info. */
export function parseTarget(text: string): Target {
  const url = parseUrl(text);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const hosts = name === 'localhost' ? ['127.0.0.1', '::1'] : [name];
  if (url.protocol === 'tcp:') {
    if (name === '' || url.port === '') throw new TypeError('a tcp:// target needs a host and a port: tcp://127.0.0.1:5432');
    return { kind: 'tcp', hosts, port: Number(url.port) };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`a target is http://, https:// or tcp://, not ${url.protocol}//`);
  }
  const kind = url.protocol === 'http:' ? 'http' : 'https';
  return {
    kind,
    hosts,
    port: Number(url.port) || (kind === 'http' ? 80 : 443),
    request: requestFor(url),
    servername: isIP(name) ? '' : name,
    anyCertificate: isLoopback(name),
  };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new TypeError('a target is a whole URL, such as http://127.0.0.1:5555/health');
  }
}

/** Nothing of a URL can end a line: its path and query are percent-encoded, its host is checked. */
function requestFor(url: URL): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: pm2-lifeguard',
    'Accept: application/json, */*;q=0.8',
    'Connection: close',
    ...authorizationFor(url),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function authorizationFor({ username, password }: URL): string[] {
  if (username === '' && password === '') return [];
  const userInfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [`Authorization: Basic ${Buffer.from(userInfo).toString('base64')}`];
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
