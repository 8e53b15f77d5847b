import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { deleteApp, stopApp } from '../apps/launch.ts';
import { recordOf } from '../apps/record.ts';
import { endDaemon, isSupervised } from '../daemon/end-daemon.ts';
import { connectIfThere } from '../daemon/reach.ts';
import type { Pm2Process } from '../types.ts';
import { withLaunchLock } from './lock.ts';
import { removeWatchConfig } from './watch-file.ts';

export interface TakenDown {
  readonly apps: readonly string[];
  readonly daemon: 'ended' | 'left' | 'absent';
  /** Why the daemon was left; null when it was not. */
  readonly why: string | null;
}

/**
 * Takes down whatever was started from an ecosystem file, by PM2's own record of it: no configuration is read, so that a mistake in
 * it is no obstacle. lifeguard goes first, for it must not heal what is being stopped; the database last. The daemon goes too when
 * nothing else is in its list and systemd does not look after it.
 * @throws Pm2Error
 */
export async function takeAllDown(
  pm2Home: string,
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<TakenDown> {
  const client = await connectIfThere(pm2Home);
  if (!client) return { apps: [], daemon: 'absent', why: null };
  return withLaunchLock(
    pm2Home,
    async () => {
      const apps = inOrder(await client.list());
      for (const name of apps) {
        await deleteApp(client, name);
        print(`${name}: stopped`);
      }
      const others = new Set((await client.list()).map(({ name }) => name));
      client.close();
      removeWatchConfig(pm2Home);
      if (others.size > 0) return { apps, daemon: 'left', why: `it also runs ${[...others].join(', ')}` };
      if (isSupervised(pm2Home)) return { apps, daemon: 'left', why: 'systemd looks after it' };
      await endDaemon(pm2Home, environment);
      return { apps, daemon: 'ended', why: null };
    },
    (pid) => print(`a start (pid ${pid}) is at work: waiting for it`),
  );
}

/**
 * Stops some backends and leaves them in PM2's list, as an operator does with `pm2 stop`.
 * @throws LifeguardError `usage` for a name that is not there; Pm2Error
 */
export async function stopBackends(
  pm2Home: string,
  names: readonly string[],
  print: (line: string) => void,
): Promise<readonly string[]> {
  const client = await connectIfThere(pm2Home);
  if (!client) return [];
  try {
    const known = inOrder(await client.list());
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new LifeguardError('usage', `there is no backend ${unknown.join(', ')}`, { hint: `There is ${known.join(', ')}.` });
    for (const name of names) {
      await stopApp(client, name);
      print(`${name}: stopped`);
    }
    return names;
  } finally {
    client.close();
  }
}

/** Names of what an ecosystem file started, in the order in which it is taken down. */
function inOrder(listed: readonly Pm2Process[]): string[] {
  const rank = (name: string) => (name === 'lifeguard' ? 0 : name === 'database' ? 2 : 1);
  const names = [...new Set(listed.filter((process) => recordOf(process) !== null).map(({ name }) => name))];
  return names.sort((a, b) => rank(a) - rank(b));
}
