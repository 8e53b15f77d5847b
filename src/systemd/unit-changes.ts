import type { BusEvent, Pm2Process } from '../pm2/types.ts';
import type { UnitNow } from './unit-now.ts';

/** A unit in PM2's words, which the supervisor knows. */
export function processOf({ name, is, pid, startedAt, restarts }: UnitNow): Pm2Process {
  return {
    ...{ pmId: 0, name, pid, startedAt, restarts },
    status: STATUS[is],
    execMode: 'fork',
    outFile: '',
    errorFile: '',
    env: {},
  };
}

const STATUS = {
  up: 'online',
  stopping: 'stopping',
  resting: 'waiting restart',
  stopped: 'stopped',
  'gave-up': 'errored',
} as const satisfies Record<UnitNow['is'], string>;

/**
 * What PM2's bus would have told of a unit between two looks at it.
 * @param isOurs lifeguard itself has just asked systemd to stop or restart it
 */
export function changesOf(before: UnitNow | undefined, now: UnitNow, isOurs: boolean): readonly BusEvent[] {
  const wasUp = before !== undefined && before.pid > 0;
  const isNew = before === undefined || before.startedAt !== now.startedAt;
  const events: BusEvent[] = [];
  if (wasUp && (isNew || now.pid === 0)) {
    const status = isOurs || isAsked(before, now) ? 'stopping' : now.is === 'gave-up' ? 'errored' : 'waiting restart';
    events.push(told('exit', { ...processOf(before), status }, false, now.exit?.code ?? null));
  }
  if (now.pid > 0 && (isNew || !wasUp)) events.push(told('online', processOf(now), false));
  if (now.is === 'stopped' && before !== undefined && before.is !== 'stopped') events.push(told('stop', processOf(now), !isOurs));
  return events;
}

/** systemd counts its own starts after an end, and forgets them at a start that somebody asked for. */
function isAsked(before: UnitNow, now: UnitNow): boolean {
  return now.pid > 0 ? now.restarts <= before.restarts : now.is === 'stopped' || now.is === 'stopping';
}

function told(event: string, process: Pm2Process, manually: boolean, exitCode: number | null = null): BusEvent {
  return { type: 'process', event, manually, process, exitCode };
}
