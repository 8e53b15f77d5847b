import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { deleteApp, stopApp } from '../apps/launch.ts';
import { endDaemon, isSupervised } from '../daemon/end-daemon.ts';
import type { Environment } from '../daemon/environment.ts';
import { connectIfThere } from '../daemon/reach.ts';
import { type Ownership, ownershipOf } from '../ownership/owner.ts';
import type { Role } from '../ownership/record.ts';
import type { Pm2Process } from '../types.ts';
import { removeConfigs } from './config-file.ts';
import { withLaunchLock } from './lock.ts';
import { digestsInSavedList } from './saved-list.ts';

export interface TakeDown {
  /** Whose apps: the ecosystem file. */
  readonly file: string;
  /** Names; null: all of that file, declared or not. */
  readonly only: readonly string[] | null;
  /** `stop`: they stay in PM2's list. */
  readonly how: 'stop' | 'delete';
  readonly pm2Home: string;
  readonly print: (line: string) => void;
}

export interface TakenDown {
  readonly apps: readonly string[];
  readonly daemon: 'ended' | 'left' | 'absent';
  /** Why the daemon was left; null when it was not. */
  readonly why: string | null;
}

/** lifeguard goes first, for it must not heal what is being stopped; what others use goes last. */
const ORDER: readonly Role[] = ['watcher', 'backend', 'companion'];

/**
 * Stops or deletes apps of one ecosystem file by PM2's own record of it: no configuration is read, so that a mistake in it is no
 * obstacle.
 * @returns the names of those that were there, in the order in which they were taken down, and who else is in PM2's list
 * @throws Pm2Error
 */
export async function takeDown({ file, only, how, pm2Home, print }: TakeDown): Promise<{ apps: string[]; others: string[] }> {
  const client = await connectIfThere(pm2Home);
  if (!client) return { apps: [], others: [] };
  return withLaunchLock(
    pm2Home,
    async () => {
      try {
        const listed = await client.list();
        const ownership = ownershipOf(file, listed);
        const apps = inOrder(listed, ownership).filter((name) => !only || only.includes(name));
        for (const name of apps) {
          await (how === 'delete' ? deleteApp : stopApp)(client, ownership, name);
          print(`${name}: stopped${how === 'delete' ? " and taken out of PM2's list" : ''}`);
        }
        if (how === 'delete' && !only) forgetConfigs(pm2Home, listed.filter(ownership.isOurs), ownership);
        return { apps, others: [...new Set((await client.list()).map(({ name }) => name))] };
      } finally {
        client.close();
      }
    },
    (pid) => print(`a start (pid ${pid}) is at work: waiting for it`),
  );
}

/**
 * Takes down all apps of an ecosystem file. The daemon goes too when nothing else is in its list and systemd does not look after it.
 * @throws Pm2Error
 */
export async function takeAllDown(
  { file, pm2Home, print }: Pick<TakeDown, 'file' | 'pm2Home' | 'print'>,
  environment: Environment,
): Promise<TakenDown> {
  const client = await connectIfThere(pm2Home);
  if (!client) return { apps: [], daemon: 'absent', why: null };
  client.close();
  const { apps, others } = await takeDown({ file, only: null, how: 'delete', pm2Home, print });
  if (others.length > 0) return { apps, daemon: 'left', why: `it also runs ${others.join(', ')}` };
  if (isSupervised(pm2Home)) return { apps, daemon: 'left', why: 'systemd looks after it' };
  await endDaemon(pm2Home, environment);
  return { apps, daemon: 'ended', why: null };
}

/**
 * Stops some backends and leaves them in PM2's list, as an operator does with `pm2 stop`.
 * @throws LifeguardError `usage` for a name that is not there; Pm2Error
 */
export async function stopBackends(
  task: Omit<TakeDown, 'how' | 'only'> & { only: readonly string[] },
): Promise<readonly string[]> {
  const client = await connectIfThere(task.pm2Home);
  if (!client) return [];
  const listed = await client.list();
  client.close();
  const known = inOrder(listed, ownershipOf(task.file, listed));
  const unknown = task.only.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new LifeguardError('usage', `there is no backend ${unknown.join(', ')}`, { hint: `There is ${known.join(', ')}.` });
  return (await takeDown({ ...task, how: 'stop' })).apps;
}

/** Names of ours, the last started first within each role. */
function inOrder(listed: readonly Pm2Process[], { ownerOf, isOurs }: Ownership): string[] {
  const rank = (process: Pm2Process) => ORDER.indexOf(ownerOf(process)?.role ?? 'backend');
  const ours = listed.filter(isOurs).sort((a, b) => rank(a) - rank(b) || b.pmId - a.pmId);
  return [...new Set(ours.map(({ name }) => name))];
}

/** What a boot may still start lifeguard with is kept. */
function forgetConfigs(pm2Home: string, ours: readonly Pm2Process[], { ownerOf }: Ownership): void {
  const saved = new Set(digestsInSavedList(pm2Home));
  for (const process of ours) if (ownerOf(process)?.role === 'watcher') removeConfigs(pm2Home, process.name, saved);
}
