import { join } from 'node:path';
import type { LogPolicy, WatchConfig } from '../config/resolved.ts';
import { daemonPid } from '../host/marker.ts';
import type { Pm2Process } from '../pm2/types.ts';

/**
 * How a file gets its lines, which decides how it is rotated.
 * `reopened`: through PM2, whose reloadLogs opens it anew. `held`: by processes that keep it open and never reopen it (the daemon's
 * own log, files that an app writes). `by-path`: opened anew for every line (lifeguard's incidents.jsonl).
 */
export type Writing = 'reopened' | 'held' | 'by-path';

/** One live log file. */
export interface LogSource {
  readonly path: string;
  /** Whose `max_total` it counts for. */
  readonly app: string;
  readonly policy: LogPolicy;
  readonly writing: Writing;
  /** The output streams that go to it (`reopened`). */
  readonly streams: readonly OutputStream[];
  /** Processes through which its lines go: the daemon (`reopened`), those that keep it open (`held`). */
  readonly pids: readonly number[];
}

/** One of a process's two output streams and the process that has its log file open. */
export interface OutputStream {
  readonly pmId: number;
  readonly stream: 'out' | 'err';
  /** The daemon for an app in fork mode, the worker itself in cluster mode; 0 while the app does not run. */
  readonly holder: number;
}

export interface SourceContext {
  readonly processes: readonly Pm2Process[];
  readonly config: Pick<WatchConfig, 'backends' | 'companions' | 'logsDirectory'>;
  readonly pm2Home: string;
  /** For the daemon's own log, for incidents.jsonl and for apps that the configuration does not name. */
  readonly fallback: LogPolicy;
}

/** Every log file there is to rotate, each path once: merged logs have several streams. */
export function logSources({ processes, config, pm2Home, fallback }: SourceContext): LogSource[] {
  const policies = new Map([...config.backends, ...config.companions].map((app) => [app.name, app.logs]));
  const daemon = daemonPid(pm2Home);
  const found = new Map<string, LogSource>();
  const add = (source: LogSource) => {
    const known = found.get(source.path);
    found.set(source.path, known ? { ...known, streams: [...known.streams, ...source.streams] } : source);
  };
  for (const process of processes) {
    const policy = policies.get(process.name) ?? fallback;
    for (const { path, streams } of filesOf(process, daemon ?? 0)) {
      add({ path, app: process.name, policy, writing: 'reopened', streams, pids: daemon === null ? [] : [daemon] });
    }
    for (const path of policies.get(process.name)?.files ?? []) {
      add({ path, app: process.name, policy, writing: 'held', streams: [], pids: process.pid > 0 ? [process.pid] : [] });
    }
  }
  const own = { app: 'lifeguard', policy: fallback, streams: [] };
  add({ ...own, path: join(pm2Home, 'pm2.log'), writing: 'held', pids: daemon === null ? [] : [daemon] });
  add({ ...own, path: join(config.logsDirectory, 'incidents.jsonl'), writing: 'by-path', pids: [] });
  return [...found.values()];
}

/** PM2's own test for 'no log wanted' (lib/Utility.js). */
const NO_LOG = /NULL|\/dev\/null/;

function filesOf(process: Pm2Process, daemon: number): { path: string; streams: OutputStream[] }[] {
  const running =
    process.pid > 0 && (process.status === 'online' || process.status === 'launching' || process.status === 'stopping');
  const holder = running ? (process.execMode === 'cluster' ? process.pid : daemon) : 0;
  const out: OutputStream = { pmId: process.pmId, stream: 'out', holder };
  const err: OutputStream = { pmId: process.pmId, stream: 'err', holder };
  const combined = process.env.pm_log_path;
  return [
    { path: process.outFile, streams: [out] },
    { path: process.errorFile, streams: [err] },
    { path: typeof combined === 'string' ? combined : '', streams: [out, err] },
  ].filter(({ path }) => path !== '' && !NO_LOG.test(path));
}
