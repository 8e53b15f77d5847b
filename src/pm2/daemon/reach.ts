import { spawn } from 'node:child_process';
import { type Environment, inheritableByDaemon } from './environment.ts';
import { connectLauncher, type LauncherClient } from './launcher-client.ts';
import { Pm2Error } from './pm2-error.ts';
import { pm2Program } from './upstream.ts';

/** A cold PM2 is up in half a second; a machine that is busy booting may need longer. */
const SPAWN_TIMEOUT_MS = 30_000;

/**
 * A client of the daemon in `pm2Home`; starts one if none runs. PM2 does that itself in a process of its own, with the user's
 * environment only: what the daemon has in its environment, cluster workers get.
 * @throws Pm2Error when it does not come up
 */
export async function connectOrSpawn(pm2Home: string, environment: Environment): Promise<LauncherClient> {
  try {
    return await connectLauncher(pm2Home);
  } catch (error) {
    if (!(error instanceof Pm2Error) || error.code !== 'refused') throw error;
  }
  await spawnDaemon(pm2Home, environment);
  return connectLauncher(pm2Home);
}

/** null when no daemon runs: then nothing of ours does, as far as PM2 knows. */
export async function connectIfThere(pm2Home: string): Promise<LauncherClient | null> {
  try {
    return await connectLauncher(pm2Home);
  } catch (error) {
    if (error instanceof Pm2Error && error.code === 'refused') return null;
    throw error;
  }
}

function spawnDaemon(pm2Home: string, environment: Environment): Promise<void> {
  const child = spawn(process.execPath, [pm2Program(), 'ping'], {
    env: inheritableByDaemon(environment, pm2Home),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SPAWN_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Pm2Error('refused', `PM2's daemon did not start (${signal ?? `exit status ${code}`}): ${output.trim()}`));
    });
  });
}
