import type { HttpAsk } from '../../config/resolved.ts';

/**
 * The request as it goes over the wire, in latin1. Nothing of a URL can end a line: its path and query are percent-encoded, its host is
 * checked; headers were checked when the configuration was read. User-info becomes a Basic Authorization header; what `headers` give
 * takes the place of our own, Host too.
 * @throws URIError when the user name or the password has a % that is none
 */
export function requestOf(url: URL, { method, headers }: HttpAsk): string {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const own = [
    ['Host', url.host],
    ['User-Agent', 'pm2-lifeguard'],
    ['Accept', 'application/json, */*;q=0.8'],
    ['Connection', 'close'],
    ...(method === 'POST' ? [['Content-Length', '0']] : []),
    ...authorizationFor(url),
  ];
  const all = [...own.filter(([name = '']) => !given.has(name.toLowerCase())), ...Object.entries(headers)];
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The same request for another path of the same server. */
export function withPath(request: string, path: string): string {
  const [line = ''] = request.split('\r\n', 1);
  const [method = ''] = line.split(' ');
  return `${method} ${path} HTTP/1.1${request.slice(line.length)}`;
}

function authorizationFor({ username, password }: URL): string[][] {
  if (username === '' && password === '') return [];
  const userInfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [['Authorization', `Basic ${Buffer.from(userInfo).toString('base64')}`]];
}
