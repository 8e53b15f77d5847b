import { spawn } from 'node:child_process';
import { readRows } from '../host/linux/process-table.ts';
import { daemonPid } from '../host/orphans/marker.ts';
import { isDead } from '../host/processes/process-row.ts';
import { pm2Program } from '../pm2/daemon/upstream.ts';
import { type Groups, groupsOf, isSameUnit } from './cgroups.ts';

/** EX_TEMPFAIL: systemd tries again. */
export const NOT_NOW = 75;
const LOOK_EVERY_MS = 200;
/** A daemon that is not there by then has died before it could write its pid. */
const THERE_WITHIN_MS = 60_000;

/**
 * `pm2 resurrect`. When the daemon dies meanwhile, PM2's command line ends in 0, or waits for ever: systemd is told to try again.
 * @returns its exit status
 */
export function resurrect(pm2Home: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const isLost = lossOf(pm2Home, groupsOf(process.pid));
    const child = spawn(process.execPath, [pm2Program(), 'resurrect', '--no-color'], { stdio: 'inherit' });
    const watch = setInterval(() => {
      if (isLost()) child.kill('SIGKILL');
    }, LOOK_EVERY_MS);
    const over = () => clearInterval(watch);
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('exit', (code) => {
      over();
      resolve(isLost() ? NOT_NOW : (code ?? NOT_NOW));
    });
  });
}

/** Asked again and again: whether the daemon that was to come has come and gone. One may live too short for any look to see it alive. */
function lossOf(pm2Home: string, own: Groups | null): () => boolean {
  const left = daemonPid(pm2Home); // By the one before.
  const end = performance.now() + THERE_WITHIN_MS;
  let hasCome = false;
  return () => {
    const daemon = daemonPid(pm2Home);
    const isThere = daemon !== null && isAlive(daemon) && isSameUnit(groupsOf(daemon), own);
    hasCome ||= isThere || (daemon !== null && daemon !== left);
    return hasCome ? !isThere : performance.now() > end;
  };
}

/** One that nobody has reaped yet still has its groups. */
function isAlive(pid: number): boolean {
  const row = readRows([pid]).get(pid);
  return row !== undefined && !isDead(row);
}
