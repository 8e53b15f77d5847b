import type { z } from 'zod';
import { resolveCommand } from '../command-line.ts';
import type { CheckTarget, CommandCheck, GrpcCheck, HttpAsk, Run } from '../resolved.ts';
import type { check } from '../schema/health-check.ts';

/** What a check needs to know of its backend. */
interface About {
  readonly port: number | null;
  readonly intervalMs: number;
  /** `health.headers` */
  readonly headers: Readonly<Record<string, string>>;
  readonly run: Pick<Run, 'cwd' | 'env' | 'envFile'>;
  readonly absolute: (path: string) => string;
}

/** A heartbeat is looked for so many times within its time, at least once in 5 s, but not more often than `interval` says. */
const LOOKS_WITHIN = 12;
const MAX_LOOK_MS = 5_000;

type Written = z.output<typeof check>;

/** null: there is nothing to ask, as a path needs the port. */
export function resolveCheck(written: Written | null, about: About): CheckTarget | null {
  if (written === null) return null;
  if (typeof written === 'object' && 'exec' in written) return resolveCommandCheck(written.exec, about);
  if (typeof written === 'object' && 'heartbeat' in written) {
    const { file, within } = written.heartbeat;
    const everyMs = Math.max(about.intervalMs, Math.min(within / LOOKS_WITHIN, MAX_LOOK_MS));
    return { kind: 'heartbeat', file: file === null ? null : about.absolute(file), withinMs: within, everyMs };
  }
  if (typeof written === 'object' && 'grpc' in written) return resolveGrpcCheck(written, about);
  const { http, method, headers, expect } =
    typeof written === 'string' ? { http: written, method: 'GET' as const, headers: {}, expect: null } : written;
  if (http.startsWith('tcp:')) return { kind: 'tcp', url: http };
  const url = wholeUrl(http, about);
  return url === null ? null : { kind: 'http', url, method, headers: over(about.headers, headers), expect };
}

function resolveGrpcCheck({ grpc, tls }: Extract<Written, { grpc: unknown }>, about: About): GrpcCheck | null {
  const [, host, port = about.port, service = ''] = /^(?:(.+):(\d+))?\/?(.*)$/.exec(grpc) ?? [];
  if (port === null) return null;
  return { kind: 'grpc', host: host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port: Number(port), service, tls };
}

function resolveCommandCheck(
  { command, timeout, interval }: Extract<Written, { exec: unknown }>['exec'],
  about: About,
): CommandCheck {
  const { cwd, env, envFile } = about.run;
  const port = about.port === null ? {} : { PORT: String(about.port) };
  const run = { ...resolveCommand(command, about.absolute), cwd, env: { ...port, ...env }, envFile };
  return { kind: 'command', ...run, timeoutMs: timeout, everyMs: interval };
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
