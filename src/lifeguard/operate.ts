import { sleep } from '../clock/clock.ts';
import { Pm2Error } from '../pm2/daemon/pm2-error.ts';
import type { OperationAction } from '../policy/action.ts';
import { noteStopped } from './looking/picture.ts';
import type { Ports } from './ports.ts';
import type { Desk, Watched } from './watched.ts';

/** PM2 has begun to end a process when it is killed, so that its end is known to be asked for; or woken, to hear PM2's signal. */
const BEGUN_MS = 50;

/** Has an operation done once what is known of its process is set down, and tells what became of it. */
export async function carryOut(
  desk: Desk,
  watched: Watched,
  action: OperationAction,
  readPids: () => Promise<void>,
): Promise<void> {
  const { ports } = desk;
  // What is down holds no evidence that could go, and is to be kept from PM2's own start of it.
  const isOfWhatIsDown = desk.stateOf(watched).children.some(({ stopAsked }) => stopAsked?.id === action.id);
  if (!isOfWhatIsDown) await ports.evidence.before(watched.config.name, action.cause);
  // While the evidence was waited for, the process ended by itself, or an operator stopped it.
  const isOff = !isOfWhatIsDown && desk.stateOf(watched).operation?.id !== action.id;
  if (!isOff) desk.tell(watched, { type: 'asked', id: action.id });
  const error = isOff ? null : await operate(watched, action, ports, readPids);
  const late = error instanceof Pm2Error && error.code === 'timeout';
  desk.tell(watched, { type: 'performed', id: action.id, error: error?.message ?? null, late });
}

/**
 * Has PM2 carry out one operation. A process that hangs is not waited for: PM2 is asked as for any other, and its whole tree is killed. One
 * that has a signal of its own is ended by that before PM2 is asked.
 * @returns null, or why PM2 did not do it, as far as is known
 */
async function operate(
  watched: Watched,
  action: OperationAction,
  { pm2, host, clock }: Ports,
  readPids: () => Promise<void>,
): Promise<Error | null> {
  const { pmId, pm2DelayMs } = action;
  const { name, policy, stopSignal } = watched.config;
  const { killTimeoutMs, startupTimeoutMs: listenTimeoutMs } = policy;
  const clearUp = () => host.endLeftBehind(name);
  const restart = () => pm2.restart(pmId, { killTimeoutMs, nextDelayMs: pm2DelayMs });
  const stop = () => meanwhileWoken(() => pm2.stop(pmId, { killTimeoutMs }));

  async function pidNow(): Promise<number> {
    const pid = () => watched.picture.find((seen) => seen.pmId === pmId)?.pid ?? 0;
    if (pid() === 0) await readPids();
    return pid();
  }

  async function meanwhileKilled(call: () => Promise<void>): Promise<void> {
    const pid = await pidNow();
    await Promise.all([call(), sleep(clock, BEGUN_MS).then(() => (pid > 0 ? host.killTree(pid) : 0))]);
  }

  async function meanwhileWoken(call: () => Promise<void>): Promise<void> {
    const pid = watched.picture.find((seen) => seen.pmId === pmId)?.pid ?? 0;
    await Promise.all([call(), pid > 0 ? sleep(clock, BEGUN_MS).then(() => host.wake(pid)) : undefined]);
  }

  /** Its end is a crash to PM2, which starts it again 0.1 s later: it is kept from that. */
  async function endThenStop(): Promise<void> {
    const isUp = watched.picture.some((seen) => seen.pmId === pmId && seen.phase === 'up');
    const pid = stopSignal && isUp ? await pidNow() : 0;
    if (stopSignal && pid > 0) await host.endGracefully(pid, stopSignal, killTimeoutMs);
    await stop();
  }

  async function endThenStart(): Promise<void> {
    watched.between.add(pmId);
    await endThenStop();
    await clearUp();
    await restart();
    watched.between.delete(pmId);
  }

  try {
    switch (action.kind) {
      case 'restart':
        await clearUp();
        await (stopSignal ? endThenStart() : meanwhileWoken(restart));
        break;
      case 'start':
        await clearUp();
        await restart();
        watched.between.delete(pmId);
        break;
      case 'reload':
        await clearUp();
        await meanwhileWoken(() => pm2.reload(pmId, { killTimeoutMs, listenTimeoutMs, nextDelayMs: pm2DelayMs }));
        break;
      case 'kill':
        await clearUp();
        await meanwhileKilled(restart);
        break;
      case 'halt':
        await meanwhileKilled(stop);
        await clearUp();
        break;
      case 'stop':
        await endThenStop();
        await clearUp();
        break;
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  if (action.kind === 'stop' || action.kind === 'halt') watched.picture = noteStopped(watched.picture, pmId);
  return null;
}
