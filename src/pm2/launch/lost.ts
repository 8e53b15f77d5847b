import { HostError } from '../../host/host-error.ts';
import { endOrphan } from '../../host/orphans/end-orphan.ts';
import { findOrphans, type Wanted } from '../../host/orphans/find-orphans.ts';
import { endLeftBehind, leftBehind } from '../../host/orphans/left-behind.ts';
import { thisHost } from '../../host/this-host.ts';
import type { Environment } from '../daemon/environment.ts';

/** PostgreSQL finishes what it has begun to write; a backend its requests. */
const GRACE_MS = 10_000;

export interface Lost extends Wanted {
  readonly environment: Environment;
  readonly print: (line: string) => void;
}

/**
 * Ends what a PM2 daemon that was killed has left behind of an ecosystem file: it holds ports and data folders against what is to start.
 */
export async function endLost({ environment, print, owner, pm2Home, apps }: Lost): Promise<void> {
  const host = thisHost(environment);
  const orphans = await findOrphans(host, { owner, pm2Home, apps }).catch((error: unknown) => {
    if (!(error instanceof HostError)) throw error;
    print(`whether PM2 has lost a process cannot be told: ${error.message}`);
    return [];
  });
  const ends = orphans.map(async ({ pid, app }) => {
    const end = await endOrphan(host, pid, { app, owner, pm2Home }, GRACE_MS);
    if (end === 'stopped' || end === 'killed') print(`${app}: a process of it that PM2 had lost was ended (pid ${pid})`);
    if (end === 'still-there') print(`${app}: a process of it that PM2 had lost would not end (pid ${pid})`);
  });
  await Promise.all(ends);
  for (const app of apps ?? []) await endWhole({ environment, print, owner, pm2Home, app });
}

/**
 * Ends what an app has left behind in a PM2 that lives: the workers of a parent that was killed, say. What PM2 runs of it is not touched.
 */
export async function endWhole({ environment, print, owner, pm2Home, app }: Omit<Lost, 'apps'> & { app: string }): Promise<void> {
  const host = thisHost(environment);
  const marked = { app, owner, pm2Home };
  try {
    const met = await endLeftBehind(host, marked);
    if (met.length === 0) return;
    const left = await leftBehind(host, marked);
    if (met.length > left.length) print(`${app}: what it had left behind was ended (${pids(met)})`);
    if (left.length > 0) print(`${app}: what it has left behind does not end (${pids(left)})`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    print(`${app}: whether it has left processes behind cannot be told: ${error.message}`);
  }
}

function pids(rows: readonly { readonly pid: number }[]): string {
  return `pid ${rows.map(({ pid }) => pid).join(', ')}`;
}
