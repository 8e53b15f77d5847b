/** What the unit of `lifeguard boot install` runs, as its user: brings back what PM2 has saved, or joins a daemon that runs already. */
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonPid } from '../host/orphans/marker.ts';
import { thisHost } from '../host/this-host.ts';
import { connectIfThere } from '../pm2/daemon/reach.ts';
import { pidFileOf, pm2HomeOf } from '../pm2/home.ts';
import { type Groups, groupsOf, isSameUnit, moveTree, unitOfProcess } from './cgroups.ts';
import { NOT_NOW, resurrect } from './resurrect.ts';
import { lookOnceMore, watchDaemon } from './watch.ts';

const MOVED_WITHIN_MS = 20_000;

/** @returns the exit status */
export async function atBoot(env: NodeJS.ProcessEnv): Promise<number> {
  const pm2Home = pm2HomeOf(env);
  const client = await connectIfThere(pm2Home);
  client?.close();
  if (client !== null) return takeOver(daemonPid(pm2Home), pm2Home, env);
  const status = await resurrect(pm2Home);
  const daemon = daemonPid(pm2Home);
  if (status === 0 && daemon !== null) lookOnceMore(daemon, pidFileOf(pm2Home));
  return status;
}

/** systemd takes a daemon for the unit's own when it is in the unit's group. Root moves it there; for another user `boot install` does. */
async function takeOver(daemon: number | null, pm2Home: string, env: NodeJS.ProcessEnv): Promise<number> {
  const unit = groupsOf(process.pid);
  if (daemon === null || unit === null) return NOT_NOW;
  if (process.getuid?.() === 0) await moveTree(thisHost(env), daemon, unit);
  if (await comesInto(unit, daemon)) {
    watchDaemon(daemon, pidFileOf(pm2Home), unitOfProcess(process.pid) ?? '');
    console.log(`PM2's daemon (pid ${daemon}) is systemd's now; nothing of it was restarted.`);
    return 0;
  }
  console.error(`PM2's daemon (pid ${daemon}) was not started by systemd: lifeguard boot install hands it over.`);
  return NOT_NOW;
}

async function comesInto(unit: Groups, daemon: number): Promise<boolean> {
  const end = performance.now() + MOVED_WITHIN_MS;
  while (!isSameUnit(groupsOf(daemon), unit)) {
    if (performance.now() > end) return false;
    await sleep(50);
  }
  return true;
}
