import { existsSync } from 'node:fs';
import type { WatchConfig } from '../../config/resolved.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { endingOf } from '../apps/ending.ts';
import { deleteApp, stopApp } from '../apps/launch.ts';
import { startOrder } from '../apps/start-order.ts';
import { endDaemon, isSupervised } from '../daemon/end-daemon.ts';
import type { Environment } from '../daemon/environment.ts';
import type { LauncherClient } from '../daemon/launcher-client.ts';
import { connectIfThere } from '../daemon/reach.ts';
import { type Adoption, readAdoptions, writeAdoptions } from '../ownership/adopted.ts';
import { type Ownership, ownershipOf } from '../ownership/owner.ts';
import type { Role } from '../ownership/record.ts';
import type { Pm2Process } from '../types.ts';
import { configOf, removeConfigs } from './config-file.ts';
import { withLaunchLock } from './lock.ts';
import { endLost, endWhole } from './lost.ts';
import { digestsInSavedList, savedApps, takeOutOfSavedList } from './saved-list.ts';

export interface TakeDown {
  /** Whose apps: the ecosystem file. */
  readonly file: string;
  /** Names; null: all of that file, declared or not. */
  readonly only: readonly string[] | null;
  /** `stop`: they stay in PM2's list. */
  readonly how: 'stop' | 'delete';
  readonly pm2Home: string;
  readonly environment: Environment;
  readonly print: (line: string) => void;
}

export interface TakenDown {
  readonly apps: readonly string[];
  /** Apps that a boot would have brought back, and now does not: they are out of PM2's saved list until the next start. */
  readonly unsaved: readonly string[];
  readonly daemon: 'ended' | 'left' | 'absent';
  /** Why the daemon was left; null when it was not. */
  readonly why: string | null;
}

/** lifeguard goes first, for it must not heal what is being stopped; what others use goes last. */
const ORDER: readonly Role[] = ['watcher', 'backend', 'companion'];

/**
 * Stops or deletes apps of one ecosystem file by PM2's own record of it: no configuration is read, so that a mistake in it is no
 * obstacle. To delete all of them is to take them out of PM2's saved list too: a boot brings back the whole, or nothing.
 * @throws Pm2Error
 */
export async function takeDown(task: TakeDown): Promise<TakenDown> {
  return locked(task, (client) => takeDownWith(client, task));
}

/**
 * Takes down all apps of an ecosystem file. The daemon goes too when nothing else is in its list and systemd does not look after it.
 * @throws Pm2Error
 */
export async function takeAllDown(about: Omit<TakeDown, 'how' | 'only'>): Promise<TakenDown> {
  const task: TakeDown = { ...about, how: 'delete', only: null };
  return locked(task, async (client) => {
    const taken = await takeDownWith(client, task);
    const others = client ? [...new Set((await client.list()).map(({ name }) => name))] : [];
    if (!client) return taken;
    if (others.length > 0) return { ...taken, why: `it also runs ${others.join(', ')}` };
    if (isSupervised(task.pm2Home)) return { ...taken, why: 'systemd looks after it' };
    client.close();
    await endDaemon(task.pm2Home, task.environment);
    return { ...taken, daemon: 'ended', why: null };
  });
}

/**
 * Stops some backends and leaves them in PM2's list, as an operator does with `pm2 stop`.
 * @throws LifeguardError `usage` for a name that is not there; Pm2Error
 */
export async function stopBackends(about: Omit<TakeDown, 'how' | 'only'>, names: readonly string[]): Promise<TakenDown> {
  const task: TakeDown = { ...about, how: 'stop', only: names };
  return locked(task, async (client) => {
    const listed = (await client?.list()) ?? [];
    const known = namesOf(task, listed);
    const unknown = client ? names.filter((name) => !known.includes(name)) : [];
    if (unknown.length > 0)
      throw new LifeguardError('usage', `there is no backend ${unknown.join(', ')}`, { hint: `There is ${known.join(', ')}.` });
    return takeDownWith(client, task);
  });
}

function namesOf({ file, pm2Home }: TakeDown, listed: readonly Pm2Process[]): string[] {
  const ownership = ownershipOf(file, { apps: listed, adoptions: readAdoptions(pm2Home) });
  return inOrder(listed, ownership, watchOf(listed, ownership, pm2Home));
}

async function locked<T>({ pm2Home, print }: TakeDown, work: (client: LauncherClient | null) => Promise<T>): Promise<T> {
  if (!existsSync(pm2Home)) return work(null); // nothing was ever started there
  return withLaunchLock(
    pm2Home,
    async () => {
      const client = await connectIfThere(pm2Home);
      try {
        return await work(client);
      } finally {
        client?.close();
      }
    },
    (pid) => print(`a start (pid ${pid}) is at work: waiting for it`),
  );
}

async function takeDownWith(client: LauncherClient | null, task: TakeDown): Promise<TakenDown> {
  const { file, only, how, pm2Home, print } = task;
  const listed = (await client?.list()) ?? [];
  const adoptions = readAdoptions(pm2Home);
  const ownership = ownershipOf(file, { apps: [...listed, ...savedApps(pm2Home)], adoptions });
  const watch = watchOf(listed, ownership, pm2Home);
  const apps = inOrder(listed, ownership, watch).filter((name) => !only || only.includes(name));
  const ending = endingOf(watch, task.environment, print);
  for (const name of client ? apps : []) {
    await (how === 'delete' ? deleteApp : stopApp)({ client: client as LauncherClient, ownership, ending }, name);
    await endWhole({ ...task, owner: ownership.file, app: name });
    print(`${name}: stopped${how === 'delete' ? " and taken out of PM2's list" : ''}`);
  }
  const isAll = how === 'delete' && !only;
  if (isAll) await endLost({ ...task, owner: ownership.file, apps: null });
  const unsaved = isAll ? takeOutOfSavedList(pm2Home, ownership) : [];
  const isGone = ({ file, app }: Adoption) => how === 'delete' && file === ownership.file && apps.includes(app);
  writeAdoptions(
    pm2Home,
    adoptions.filter((adoption) => !isGone(adoption)),
  );
  if (isAll) forgetConfigs(pm2Home, listed.filter(ownership.isOurs), ownership);
  return { apps, unsaved, daemon: client ? 'left' : 'absent', why: null };
}

/** What lifeguard goes by, or went by when it was last there. */
function watchOf(listed: readonly Pm2Process[], { ownerOf, isOurs, file }: Ownership, pm2Home: string): WatchConfig | null {
  const watcher = listed.find((process) => isOurs(process) && ownerOf(process)?.role === 'watcher');
  return configOf(pm2Home, file, watcher);
}

/** Names of ours: within each role those first that others do not need, and of these the last started. */
function inOrder(listed: readonly Pm2Process[], { ownerOf, isOurs }: Ownership, watch: WatchConfig | null): string[] {
  const order = startOrder(watch?.backends ?? []).map(({ name }) => name);
  const rank = (process: Pm2Process) => ORDER.indexOf(ownerOf(process)?.role ?? 'backend');
  const place = ({ name }: Pm2Process) => order.indexOf(name);
  const ours = listed.filter(isOurs).sort((a, b) => rank(a) - rank(b) || place(b) - place(a) || b.pmId - a.pmId);
  return [...new Set(ours.map(({ name }) => name))];
}

/** What a boot may still start lifeguard with is kept. */
function forgetConfigs(pm2Home: string, ours: readonly Pm2Process[], { ownerOf }: Ownership): void {
  const saved = new Set(digestsInSavedList(pm2Home));
  for (const process of ours) if (ownerOf(process)?.role === 'watcher') removeConfigs(pm2Home, process.name, saved);
}
