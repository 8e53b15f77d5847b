import type { BackendStatus } from '../../lifeguard/status.ts';
import { connectPm2 } from '../../pm2/daemon/client.ts';
import { Pm2Error } from '../../pm2/daemon/pm2-error.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import type { Context } from '../context.ts';
import { ownershipHere, type Watched } from '../project.ts';
import { ailmentOf } from './ailment.ts';
import { askLifeguard } from './ask-lifeguard.ts';
import { describeSituation, type Situation } from './situation.ts';

/** Looks at what runs now of a project. Starts nothing, not even a daemon. */
export async function look({ pm2Home, host }: Pick<Context, 'pm2Home' | 'host'>, watch: Watched): Promise<Situation> {
  const listed = await listOurs(pm2Home, watch);
  const online = listed?.some(({ name, status }) => name === watch.name && status === 'online') ?? false;
  const statuses = online ? await statusesOf(pm2Home, watch.name) : null;
  const fileOf = (name: string) => listed?.find((process) => process.name === name)?.errorFile ?? null;
  const ailments = new Map(
    await Promise.all(
      (statuses ?? []).map(async (status) => [status.name, await ailmentOf(host, status, fileOf(status.name))] as const),
    ),
  );
  // Listed again: what lifeguard answers is younger than the first list.
  return describeSituation(watch, {
    listed: statuses ? await listOurs(pm2Home, watch) : listed,
    statuses,
    ailments,
    now: Date.now(),
  });
}

/** An app of somebody else's that has the same name is none of the project's. */
async function listOurs(pm2Home: string, { owner }: Watched): Promise<readonly Pm2Process[] | null> {
  const listed = await listProcesses(pm2Home);
  return listed === null ? null : listed.filter(ownershipHere(pm2Home, owner, listed).isOurs);
}

/** PM2's list; null when no daemon runs. */
export async function listProcesses(pm2Home: string): Promise<readonly Pm2Process[] | null> {
  try {
    const client = await connectPm2(pm2Home);
    try {
      return await client.list();
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof Pm2Error && (error.code === 'refused' || error.code === 'lost')) return null;
    throw error;
  }
}

/** null: no answer, as right after its start. */
async function statusesOf(pm2Home: string, watcher: string): Promise<readonly BackendStatus[] | null> {
  const backends = (await askLifeguard(pm2Home, watcher, 'status'))?.backends;
  return Array.isArray(backends) ? (backends as BackendStatus[]) : null;
}
