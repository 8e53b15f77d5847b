import { sleep } from '../clock/clock.ts';
import type { Pm2Process } from '../pm2/types.ts';
import type { Action } from '../policy/action.ts';
import type { Event } from '../policy/event.ts';
import type { Ports } from './ports.ts';
import { isUp } from './processes.ts';

/** The actions that drive PM2. */
export type DrivingAction = Extract<Action, { type: 'restart' | 'kill' | 'stop' | 'start' | 'end-orphan' }>;

/** How long one of several killed instances may take to be back before the next one is killed anyway. */
const NEXT_INSTANCE_MS = 10_000;

/**
 * Carries out one action on one backend's processes.
 * An app's status is read first: what an operator stopped in the meantime stays so (`stopped` is returned, nothing is done).
 * @returns the fact to tell the policy: `performed`, with the error if PM2 refused or did not answer in time.
 */
export async function perform(name: string, action: DrivingAction, ports: Ports): Promise<Event> {
  try {
    if (action.type === 'end-orphan') {
      await ports.host.endOrphan(action.holder, name);
      return { type: 'port', holder: null };
    }
    const processes = (await ports.pm2.list()).filter((process) => process.name === name);
    const gone = stoppedByOperator(action, processes);
    if (gone) return gone;
    await drive(action, processes, ports);
    return { type: 'performed', action: action.type, error: null };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { type: 'performed', action: action.type === 'end-orphan' ? 'start' : action.type, error: text };
  }
}

function stoppedByOperator(action: DrivingAction, processes: readonly Pm2Process[]): Event | null {
  if (processes.length === 0) return { type: 'stopped', by: 'operator', status: 'absent' };
  const restarts = action.type === 'restart' || action.type === 'kill';
  if (restarts && action.cause !== 'operator' && processes.every((process) => process.status === 'stopped'))
    return { type: 'stopped', by: 'operator', status: 'stopped' };
  return null;
}

async function drive(
  action: Exclude<DrivingAction, { type: 'end-orphan' }>,
  processes: readonly Pm2Process[],
  ports: Ports,
): Promise<void> {
  const several = processes.length > 1;
  switch (action.type) {
    case 'restart':
      for (const process of processes) {
        // An operator is at it: PM2 would start it twice.
        if (process.status === 'stopping') continue;
        if (several && process.execMode === 'cluster' && isUp(process)) await ports.pm2.reload(process.pmId);
        else await ports.pm2.restart(process.pmId);
      }
      return;
    case 'kill':
      for (const process of processes.filter(isUp)) {
        const killed = await ports.host.killTree(process.pid);
        // PM2 starts it anew by itself, unless it was told not to (crash is not in restart.on) or has not noticed.
        if (killed === 0 || process.env.autorestart === false) await ports.pm2.restart(process.pmId);
        else if (several) await backUp(process, ports);
      }
      return;
    case 'stop':
      for (const { pmId } of action.only === 'ended' ? processes.filter((process) => !isUp(process)) : processes)
        await ports.pm2.stop(pmId);
      return;
    case 'start':
      for (const { pmId } of processes.filter((process) => !isUp(process))) await ports.pm2.restart(pmId);
      return;
  }
}

async function backUp(killed: Pm2Process, ports: Ports): Promise<void> {
  const end = ports.clock.now() + NEXT_INSTANCE_MS;
  while (ports.clock.now() < end) {
    await sleep(ports.clock, 100);
    const now = (await ports.pm2.list()).find((process) => process.pmId === killed.pmId);
    if (!now || (isUp(now) && now.startedAt !== killed.startedAt)) return;
  }
}
