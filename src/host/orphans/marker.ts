import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import type { ProcessTable } from '../processes/process-row.ts';
import { ancestorsOf } from '../processes/trees.ts';

/** The variable that every app of ours is started with; its value is the app's name. */
export const MARKER = 'LIFEGUARD_APP';

/** The variable that names its ecosystem file: two projects that share a PM2 may have had apps of one name, one after the other. */
export const OWNER_MARKER = 'LIFEGUARD_ECOSYSTEM';

/** Which app of which PM2 is meant. */
export interface MarkedApp {
  readonly app: string;
  /** Its ecosystem file, by the logical path; undefined: whichever. What version 0.1.0 started does not name one. */
  readonly owner?: string;
  /** PM2_HOME, absolute. */
  readonly pm2Home: string;
}

/** The process was started as this app by the PM2 of this home: it carries the marker and the home in its environment. Not known is no. */
export async function carriesMarker(host: Host, pid: number, marked: MarkedApp): Promise<boolean> {
  return isMarked(await host.environmentOf(pid), marked);
}

/** The same of an environment that was read; null or undefined: it could not be. */
export function isMarked(
  environment: ReadonlyMap<string, string> | null | undefined,
  { app, owner, pm2Home }: MarkedApp,
): boolean {
  if (environment?.get(MARKER) !== app || environment.get('PM2_HOME') !== pm2Home) return false;
  return owner === undefined || (environment.get(OWNER_MARKER) ?? owner) === owner;
}

/**
 * Ours, and lost: it carries the marker, but the PM2 daemon of that home is not above it (any more). A process that the daemon
 * has only just started is below it, and so is never taken for an orphan. Neither is the daemon, this process, or one above it.
 * @throws HostError when the processes can't be listed
 */
export async function isOrphan(host: Host, pid: number, marked: MarkedApp, listed?: ProcessTable): Promise<boolean> {
  if (!(await carriesMarker(host, pid, marked))) return false;
  const table = listed ?? (await host.processes());
  if (pid === process.pid || ancestorsOf(process.pid, table).includes(pid)) return false;
  const daemon = daemonPid(marked.pm2Home);
  return daemon === null || (pid !== daemon && !ancestorsOf(pid, table).includes(daemon));
}

/** The topmost of an orphan's family: a lost worker's parent is often lost too, and would start another. */
export async function orphanRoot(host: Host, pid: number, marked: MarkedApp, table: ProcessTable): Promise<number> {
  let root = pid;
  for (const ancestor of ancestorsOf(pid, table)) {
    if (!(await isOrphan(host, ancestor, marked, table))) break;
    root = ancestor;
  }
  return root;
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
