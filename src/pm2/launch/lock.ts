import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { lifeguardFolder } from '../home.ts';

const POLL_MS = 100;
const LOCK = 'launch.lock';

/**
 * Runs `work` while no other launcher of this PM2_HOME does. `onWait` is told once, with the other's pid, when there is one.
 * A lock whose owner is dead is taken over.
 * @throws LifeguardError `launch-locked` when the other is not done within `deadlineMs`
 */
export async function withLaunchLock<T>(
  pm2Home: string,
  work: () => Promise<T>,
  onWait: (pid: number) => void,
  deadlineMs = 120_000,
): Promise<T> {
  const folder = lifeguardFolder(pm2Home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, LOCK);
  const end = performance.now() + deadlineMs;
  for (let told = false; !tryLock(file); told = true) {
    const owner = ownerOf(file);
    if (owner !== null && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (performance.now() > end) {
      throw new LifeguardError('launch-locked', `another start (pid ${owner}) is still at work after ${deadlineMs / 1000} s`, {
        hint: `End it, or remove ${file} if that process is something else.`,
      });
    }
    if (!told && owner !== null) onWait(owner);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A launcher of this PM2_HOME is at work. */
export function isLaunching(pm2Home: string): boolean {
  const owner = ownerOf(join(lifeguardFolder(pm2Home), LOCK));
  return owner !== null && isAlive(owner);
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** null: it was released just now, or its owner has not written its pid yet. */
function ownerOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
