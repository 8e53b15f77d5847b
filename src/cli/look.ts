import type { WatchConfig } from '../config/resolved.ts';
import type { BackendStatus } from '../lifeguard/status.ts';
import { connectPm2 } from '../pm2/daemon/client.ts';
import { Pm2Error } from '../pm2/daemon/pm2-error.ts';
import { trigger } from '../pm2/daemon/trigger.ts';
import type { Pm2Process } from '../pm2/types.ts';
import { ailmentOf } from './ailment.ts';
import type { Context } from './context.ts';
import { describeSituation, type Situation } from './situation.ts';

/** lifeguard's own limit for an answer is 4.5 s. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Looks at what runs now. Starts nothing, not even a daemon. */
export async function look(
  { pm2Home, host }: Pick<Context, 'pm2Home' | 'host'>,
  watch: Pick<WatchConfig, 'backends' | 'companions'>,
): Promise<Situation> {
  const listed = await listProcesses(pm2Home);
  const online = listed?.some(({ name, status }) => name === 'lifeguard' && status === 'online') ?? false;
  const statuses = online ? await askLifeguard(pm2Home) : null;
  const fileOf = (name: string) => listed?.find((process) => process.name === name)?.errorFile ?? null;
  const ailments = new Map(
    await Promise.all(
      (statuses ?? []).map(async (status) => [status.name, await ailmentOf(host, status, fileOf(status.name))] as const),
    ),
  );
  // Listed again: what lifeguard answers is younger than the first list.
  return describeSituation(watch, {
    listed: statuses ? await listProcesses(pm2Home) : listed,
    statuses,
    ailments,
    now: Date.now(),
  });
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
async function askLifeguard(pm2Home: string): Promise<readonly BackendStatus[] | null> {
  try {
    const { backends } = await trigger(pm2Home, 'lifeguard', 'status', '', ANSWER_TIMEOUT_MS);
    return Array.isArray(backends) ? (backends as BackendStatus[]) : null;
  } catch (error) {
    if (error instanceof Pm2Error) return null;
    throw error;
  }
}
