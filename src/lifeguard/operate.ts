import { sleep } from '../clock/clock.ts';
import type { OperationAction } from '../policy/action.ts';
import { noteStopped } from './picture.ts';
import type { Ports } from './ports.ts';
import type { Watched } from './watched.ts';

/** PM2 has begun to end a process when it is killed, so that its end is known to be asked for. */
const BEGUN_MS = 50;

/**
 * Has PM2 carry out one operation. A process that hangs is not waited for: PM2 is asked as for any other, and its whole tree is killed.
 * @returns null, or why PM2 did not do it
 */
export async function operate(
  watched: Watched,
  action: OperationAction,
  { pm2, host, clock }: Ports,
  readPids: () => Promise<void>,
): Promise<string | null> {
  const { pmId, pm2DelayMs } = action;
  const killTimeoutMs = watched.config.policy.killTimeoutMs;
  const restart = () => pm2.restart(pmId, { killTimeoutMs, nextDelayMs: pm2DelayMs });
  const stop = () => pm2.stop(pmId, { killTimeoutMs });

  const pidNow = () => watched.picture.find((seen) => seen.pmId === pmId)?.pid ?? 0;

  async function meanwhileKilled(call: () => Promise<void>): Promise<void> {
    if (pidNow() === 0) await readPids();
    const pid = pidNow();
    await Promise.all([call(), sleep(clock, BEGUN_MS).then(() => (pid > 0 ? host.killTree(pid) : 0))]);
  }

  const startsAnew = action.kind !== 'stop' && action.kind !== 'halt';
  try {
    if (startsAnew) await host.endLeftBehind(watched.config.name);
    switch (action.kind) {
      case 'restart':
      case 'start':
        await restart();
        break;
      case 'reload':
        await pm2.reload(pmId);
        break;
      case 'kill':
        await meanwhileKilled(restart);
        break;
      case 'halt':
        await meanwhileKilled(stop);
        break;
      case 'stop':
        await stop();
        break;
    }
    if (!startsAnew) await host.endLeftBehind(watched.config.name);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (action.kind === 'stop' || action.kind === 'halt') watched.picture = noteStopped(watched.picture, pmId);
  return null;
}
