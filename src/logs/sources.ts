import { join } from 'node:path';
import type { LogPolicy, WatchConfig } from '../config/resolved.ts';
import { daemonPid } from '../host/orphans/marker.ts';
import type { App } from '../pm2/ownership/owner.ts';
import type { Pm2Process } from '../pm2/types.ts';

/**
 * How a file gets its lines, which decides how it is rotated.
 * `reopened`: through PM2, whose reloadLogs opens it anew. `held`: by processes that keep it open and never reopen it (the daemon's
 * own log, files that an app writes). `by-path`: opened anew for every line (lifeguard's incidents.jsonl).
 */
export type Writing = 'reopened' | 'held' | 'by-path';

/**
 * Whether this lifeguard rotates a file. `ours`: of an app that our ecosystem file started. `shared`: of nobody's project (pm2.log, apps that
 * somebody started by hand), and this is the one lifeguard that keeps those. `not`: another's; it is known all the same, as PM2's
 * one reload reopens it too.
 */
export type Keeping = 'ours' | 'shared' | 'not';

/** One live log file. */
export interface LogSource {
  readonly path: string;
  /** Whose `max_total` it counts for. */
  readonly app: string;
  readonly policy: LogPolicy;
  readonly writing: Writing;
  readonly keeping: Keeping;
  /** Who else rotates it, as people call it: then we do not. */
  readonly rival: string | null;
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
  /** The app's own process; 0 while it does not run. */
  readonly pid: number;
}

export interface SourceContext {
  readonly processes: readonly Pm2Process[];
  readonly config: Pick<WatchConfig, 'owner' | 'backends' | 'companions' | 'journal'>;
  /** The ecosystem file that an app belongs to; null: to none. */
  readonly ownerOf: (app: App) => string | null;
  readonly pm2Home: string;
  /** For the daemon's own log, for incidents.jsonl and for apps that the configuration does not name. */
  readonly fallback: LogPolicy;
  /** This lifeguard keeps what is nobody's. */
  readonly keepsShared: boolean;
  readonly rivalOf: (path: string) => string | null;
}

/**
 * Every log file of this PM2, each path once: merged logs have several streams. Where several apps share one, the first in PM2's list, which
 * is in the order of their ids, decides whose it is: so all lifeguards of a PM2 come to the same answer.
 */
export function logSources(context: SourceContext): LogSource[] {
  const { processes, config, pm2Home, ownerOf, fallback, keepsShared, rivalOf } = context;
  const policies = new Map([...config.backends, ...config.companions].map((app) => [app.name, app.logs]));
  const shared: Keeping = keepsShared ? 'shared' : 'not';
  const daemon = daemonPid(pm2Home);
  const throughDaemon = daemon === null ? [] : [daemon];
  const found = new Map<string, LogSource>();
  const add = (source: Omit<LogSource, 'rival'>) => {
    const known = found.get(source.path);
    const streams = [...(known?.streams ?? []), ...source.streams];
    const pids = [...new Set([...(known?.pids ?? []), ...source.pids])];
    found.set(source.path, { ...(known ?? { ...source, rival: rivalOf(source.path) }), streams, pids });
  };
  for (const process of processes) {
    const owner = ownerOf(process);
    const keeping = owner === null ? shared : owner === config.owner ? 'ours' : 'not';
    const own = keeping === 'ours' ? policies.get(process.name) : undefined;
    const app = { app: process.name, policy: own ?? fallback };
    for (const { path, streams } of filesOf(process, daemon ?? 0)) {
      add({ ...app, path, keeping, writing: 'reopened', streams, pids: throughDaemon });
    }
    for (const path of own?.files ?? []) {
      add({ ...app, path, keeping, writing: 'held', streams: [], pids: process.pid > 0 ? [process.pid] : [] });
    }
  }
  const own = { app: 'lifeguard', policy: fallback, streams: [] };
  add({ ...own, path: join(pm2Home, 'pm2.log'), keeping: shared, writing: 'held', pids: throughDaemon });
  add({ ...own, path: config.journal, keeping: 'ours', writing: 'by-path', pids: [] });
  return [...found.values()];
}

/** PM2's own test for 'no log wanted' (lib/Utility.js). */
const NO_LOG = /NULL|\/dev\/null/;

function filesOf(process: Pm2Process, daemon: number): { path: string; streams: OutputStream[] }[] {
  const running =
    process.pid > 0 && (process.status === 'online' || process.status === 'launching' || process.status === 'stopping');
  const holder = running ? (process.execMode === 'cluster' ? process.pid : daemon) : 0;
  const of = { pmId: process.pmId, holder, pid: running ? process.pid : 0 };
  const out: OutputStream = { ...of, stream: 'out' };
  const err: OutputStream = { ...of, stream: 'err' };
  const combined = process.env.pm_log_path;
  return [
    { path: process.outFile, streams: [out] },
    { path: process.errorFile, streams: [err] },
    { path: typeof combined === 'string' ? combined : '', streams: [out, err] },
  ].filter(({ path }) => path !== '' && !NO_LOG.test(path));
}
