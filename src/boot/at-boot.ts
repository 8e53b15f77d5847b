/** What the unit of `lifeguard boot install` runs, as its user: brings back what PM2 has saved, or joins a daemon that runs already. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonPid } from '../host/orphans/marker.ts';
import { thisHost } from '../host/this-host.ts';
import { connectIfThere } from '../pm2/daemon/reach.ts';
import { pm2Program } from '../pm2/daemon/upstream.ts';
import { pm2HomeOf } from '../pm2/home.ts';
import { type Groups, groupsOf, isSameUnit, moveTree } from './cgroups.ts';

/** EX_TEMPFAIL: systemd tries again. */
const NOT_NOW = 75;
const MOVED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 200;

/** @returns the exit status */
export async function atBoot(env: NodeJS.ProcessEnv): Promise<number> {
  const pm2Home = pm2HomeOf(env);
  const client = await connectIfThere(pm2Home);
  if (client === null) return resurrect(pm2Home);
  client.close();
  return join(daemonPid(pm2Home), env);
}

/** PM2's command line waits for ever for a daemon that died meanwhile: it is ended then, and systemd tries again. */
function resurrect(pm2Home: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [pm2Program(), 'resurrect', '--no-color'], { stdio: 'inherit' });
    const own = groupsOf(process.pid);
    let seen: number | null = null;
    const watch = setInterval(() => {
      if (seen !== null && !isSameUnit(groupsOf(seen), own)) child.kill('SIGKILL');
      const daemon = daemonPid(pm2Home);
      if (seen === null && daemon !== null && isSameUnit(groupsOf(daemon), own)) seen = daemon;
    }, LOOK_EVERY_MS);
    const over = () => clearInterval(watch);
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('exit', (code) => {
      over();
      resolve(code ?? NOT_NOW);
    });
  });
}

/** systemd takes a daemon for the unit's own when it is in the unit's group. Root moves it there; for another user `boot install` does. */
async function join(daemon: number | null, env: NodeJS.ProcessEnv): Promise<number> {
  const unit = groupsOf(process.pid);
  if (daemon === null || unit === null) return NOT_NOW;
  if (process.getuid?.() === 0) await moveTree(thisHost(env), daemon, unit);
  if (await comesInto(unit, daemon)) {
    console.log(`PM2's daemon (pid ${daemon}) is systemd's now; nothing of it was restarted.`);
    return 0;
  }
  console.error(
    `PM2's daemon (pid ${daemon}) was not started by systemd. As root: lifeguard boot install --user ${env.USER ?? ''}`,
  );
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
