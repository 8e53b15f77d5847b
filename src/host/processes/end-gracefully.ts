import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host.ts';
import { startTimeOf } from './is-alive.ts';
import { killTree } from './kill-tree.ts';
import { wakeTree } from './wake.ts';

/** PM2 starts what ended again after 100 ms: whoever wants to be first has to know sooner. */
const LOOK_EVERY_MS = 10;
/** A SIGSTOP that was sent just before may be carried out only after the first look. */
const WAKE_EVERY_MS = 1_000;

/** `ended`: by itself, in time. `cut`: its whole tree had to be killed. `absent`: there was none. */
export type GracefulEnd = 'ended' | 'cut' | 'absent';

/**
 * Asks one process to end by a signal to it alone, as a parent ends its workers by itself; what of its tree was stopped (SIGSTOP) is let go on,
 * to hear it. When the time is up, it is killed with all below it.
 * @throws HostError when the processes can't be listed
 */
export async function endGracefully(host: Host, pid: number, signal: NodeJS.Signals, withinMs: number): Promise<GracefulEnd> {
  const startTime = await startTimeOf(host, pid);
  if (startTime === null) return 'absent';
  try {
    process.kill(pid, signal);
  } catch {
    return 'absent'; // It ended just now, or belongs to another user.
  }
  const until = performance.now() + withinMs;
  let wakeAt = performance.now();
  while (performance.now() < until) {
    if (performance.now() >= wakeAt) {
      await wakeTree(host, pid);
      wakeAt = performance.now() + WAKE_EVERY_MS;
    }
    await sleep(LOOK_EVERY_MS);
    const now = await startTimeOf(host, pid);
    if (now === null || !host.isSameStart(now, startTime)) return 'ended';
  }
  await killTree(host, pid, 'SIGKILL', { startTime });
  return 'cut';
}
