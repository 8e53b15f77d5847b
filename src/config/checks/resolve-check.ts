import type { z } from 'zod';
import type { CheckTarget, HttpAsk } from '../resolved.ts';
import type { check } from './schema-check.ts';

/** What a check needs to know of its backend. */
interface About {
  readonly port: number | null;
  /** `health.headers` */
  readonly headers: Readonly<Record<string, string>>;
  readonly absolute: (path: string) => string;
}

type Written = z.output<typeof check>;

/** null: there is nothing to ask, as a path needs the port. */
export function resolveCheck(written: Written | null, about: About): CheckTarget | null {
  if (written === null) return null;
  const { http, method, headers, expect } =
    typeof written === 'string' ? { http: written, method: 'GET' as const, headers: {}, expect: null } : written;
  if (http.startsWith('tcp:')) return { kind: 'tcp', url: http };
  const url = wholeUrl(http, about);
  return url === null ? null : { kind: 'http', url, method, headers: over(about.headers, headers), expect };
}

/** Not `localhost`, which may be IPv6 first. */
function wholeUrl(target: string, { port, absolute }: About): string | null {
  const [, socket, path] = /^unix:(?:\/\/(?=\/))?(.+?):(\/.*)$/.exec(target) ?? [];
  if (socket !== undefined) return `unix:${absolute(socket)}:${path}`;
  if (!target.startsWith('/')) return target;
  return port === null ? null : `http://127.0.0.1:${port}${target}`;
}

/** Names of headers are the same in small and in capital letters. */
function over(base: HttpAsk['headers'], headers: HttpAsk['headers']): Record<string, string> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return { ...Object.fromEntries(Object.entries(base).filter(([name]) => !given.has(name.toLowerCase()))), ...headers };
}
