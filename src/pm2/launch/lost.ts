import { HostError } from '../../host/host-error.ts';
import { endOrphan } from '../../host/orphans/end-orphan.ts';
import { findOrphans, type Wanted } from '../../host/orphans/find-orphans.ts';
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
}
