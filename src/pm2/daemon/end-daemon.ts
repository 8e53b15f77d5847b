import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pidFileOf } from '../home.ts';
import { inheritableByDaemon } from './environment.ts';
import { Pm2Error } from './pm2-error.ts';
import { pm2Program } from './upstream.ts';

const KILL_TIMEOUT_MS = 20_000;

/**
 * Ends the daemon as `pm2 kill` does, together with whatever it still runs.
 * @throws Pm2Error when it does not end
 */
export function endDaemon(pm2Home: string, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const child = spawn(process.execPath, [pm2Program(), 'kill'], {
    env: inheritableByDaemon(environment, pm2Home),
    stdio: 'ignore',
    timeout: KILL_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Pm2Error('failed', `PM2's daemon did not end (${signal ?? `exit status ${code}`})`));
    });
  });
}

/** The daemon runs under the unit that `pm2 startup` makes: systemd looks after it, so it is left alone. */
export function isSupervised(pm2Home: string): boolean {
  try {
    const pid = readFileSync(pidFileOf(pm2Home), 'utf8').trim();
    return /\/pm2-[^/]+\.service(\/|$)/m.test(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    return false;
  }
}
