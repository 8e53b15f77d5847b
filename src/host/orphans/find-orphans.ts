import type { Host } from '../host.ts';
import { isDead, type ProcessRow, type ProcessTable } from '../processes/process-row.ts';
import { daemonPid, isOrphan, MARKER, OWNER_MARKER } from './marker.ts';

/** A process of ours that PM2 lost. */
export interface Orphan {
  readonly pid: number;
  readonly app: string;
}

export interface Wanted {
  /** PM2_HOME, absolute. */
  readonly pm2Home: string;
  /** The ecosystem file whose they are, by the logical path. */
  readonly owner: string;
  /** Which apps; null: every one that names the ecosystem file. What version 0.1.0 started names none, and is found by its app alone. */
  readonly apps: readonly string[] | null;
}

/**
 * The processes of an ecosystem file that PM2 started and lost, by the marks that they carry: the first of each family. They are older
 * than the daemon that runs now, if one does; a younger one that is not below it is a helper that an app has sent off by itself.
 * @throws HostError when the processes can't be listed
 */
export async function findOrphans(host: Host, { pm2Home, owner, apps }: Wanted): Promise<Orphan[]> {
  const table = await host.processes();
  const daemon = table.get(daemonPid(pm2Home) ?? 0);
  const isOlder = ({ startTime }: ProcessRow) =>
    daemon === undefined || isDead(daemon) || (startTime < daemon.startTime && !host.isSameStart(startTime, daemon.startTime));
  const found: Orphan[] = [];
  for (const row of table.values()) {
    if (!isOlder(row) || !mayBeLost(row, table)) continue;
    const environment = await host.environmentOf(row.pid);
    const app = environment?.get(MARKER);
    const itsOwner = environment?.get(OWNER_MARKER);
    if (app === undefined || !(apps ? apps.includes(app) && (itsOwner ?? owner) === owner : itsOwner === owner)) continue;
    if (await isOrphan(host, row.pid, { app, owner, pm2Home }, table)) found.push({ pid: row.pid, app });
  }
  return found;
}

/** PM2 starts an app as the leader of a session; workers of a cluster are in the daemon's. Whoever else there is belongs to one of these. */
function mayBeLost(row: ProcessRow, table: ProcessTable): boolean {
  const leader = table.get(row.session);
  return !isDead(row) && (row.session === row.pid || leader === undefined || isDead(leader));
}
