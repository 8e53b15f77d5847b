import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessTable, readProcessTable } from './process-table.ts';
import { ancestorsOf } from './process-tree.ts';

/** The variable that every app of ours is started with; its value is the app's name. */
export const MARKER = 'LIFEGUARD_APP';

/** Which app of which PM2 is meant. */
export interface MarkedApp {
  readonly app: string;
  /** PM2_HOME, absolute. */
  readonly pm2Home: string;
}

/** The process was started as this app by the PM2 of this home: it carries the marker and the home in its environment. */
export function carriesMarker(pid: number, { app, pm2Home }: MarkedApp): boolean {
  const environment = environmentOf(pid);
  return environment.get(MARKER) === app && environment.get('PM2_HOME') === pm2Home;
}

/**
 * Ours, and lost: it carries the marker, but the PM2 daemon of that home is not above it (any more). A process that the daemon
 * has only just started is below it, and so is never taken for an orphan. Neither is the daemon, this process, or one above it.
 */
export function isOrphan(pid: number, marked: MarkedApp, table: ProcessTable = readProcessTable()): boolean {
  if (!carriesMarker(pid, marked)) return false;
  if (pid === process.pid || ancestorsOf(process.pid, table).includes(pid)) return false;
  const daemon = daemonPid(marked.pm2Home);
  return daemon === null || (pid !== daemon && !ancestorsOf(pid, table).includes(daemon));
}

/** The topmost of an orphan's family: a lost worker's parent is often lost too, and would start another. */
export function orphanRoot(pid: number, marked: MarkedApp, table: ProcessTable = readProcessTable()): number {
  const above = ancestorsOf(pid, table);
  const end = above.findIndex((ancestor) => !isOrphan(ancestor, marked, table));
  return above.slice(0, end < 0 ? above.length : end).at(-1) ?? pid;
}

/** The pid in PM2_HOME/pm2.pid, whether such a process lives or not; null when there is none. */
export function daemonPid(pm2Home: string): number | null {
  try {
    const pid = Number(readFileSync(join(pm2Home, 'pm2.pid'), 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function environmentOf(pid: number): Map<string, string> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  } catch {
    return new Map();
  }
}
