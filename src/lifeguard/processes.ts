import type { BusEvent, Pm2Process } from '../pm2/types.ts';
import type { Incarnation, Pm2Status } from '../policy/event.ts';

/** What is known of one backend's processes: by PM2's id, the incarnation it is in, and whether that one still lives. */
export interface ProcessView {
  readonly byId: Readonly<Record<number, SeenProcess>>;
  /** Those that are up, oldest first. */
  readonly up: readonly (SeenProcess & { readonly pmId: number })[];
  /** What those that are up make together; null: none is up. */
  readonly incarnation: Incarnation | null;
}

export interface SeenProcess {
  /** 0 until the daemon's list was read: its bus tells no pid. */
  readonly pid: number;
  /** Wall clock, ms; with the id it tells one incarnation from the next. */
  readonly startedAt: number;
  readonly up: boolean;
  readonly status: Pm2Status;
  readonly outFile: string;
  readonly errorFile: string;
}

/** What a message of PM2's bus, or a look at its list, says of one backend. */
export type Happening =
  | { readonly type: 'online'; readonly incarnation: Incarnation; readonly startedAt: number }
  /** `asked`: somebody had PM2 end it (an operator or lifeguard itself); else it ended by itself or was killed. */
  | {
      readonly type: 'exit';
      readonly pmId: number;
      readonly startedAt: number;
      readonly asked: boolean;
      readonly code: number | null;
    }
  | { readonly type: 'stopped'; readonly by: 'operator' | 'pm2'; readonly status: Pm2Status };

export const NO_PROCESSES: ProcessView = viewOf({});

/** The processes of one backend that are up, oldest first. */
export function processesUp(view: ProcessView): ProcessView['up'] {
  return view.up;
}

/** The incarnation that the processes up make together; null: none is up. */
export function incarnationOf(view: ProcessView): Incarnation | null {
  return view.incarnation;
}

/** Asked for at every check, changed at a start: so it is made once. */
function viewOf(byId: ProcessView['byId']): ProcessView {
  const up = Object.entries(byId)
    .filter(([, seen]) => seen.up)
    .map(([pmId, seen]) => ({ ...seen, pmId: Number(pmId) }))
    .sort((a, b) => a.startedAt - b.startedAt || a.pmId - b.pmId);
  const incarnation = up.length === 0 ? null : up.map(({ pmId, startedAt }) => `${pmId}@${startedAt}`).join('+');
  return { byId, up, incarnation };
}

/**
 * Takes in one message of the bus. PM2 tells an exit twice when it was asked for; the second one is nothing new.
 * An exit that was asked for shows the status 'stopping', one that was not 'stopped' or 'errored' (God.js, handleExit).
 * 'stop', 'restart' and 'delete' come only from clients that announce them, as PM2's own CLI and API do; lifeguard's client does not.
 */
export function takeBusEvent(
  view: ProcessView,
  event: Extract<BusEvent, { type: 'process' }>,
): { readonly view: ProcessView; readonly happenings: readonly Happening[] } {
  const { process } = event;
  const seen = view.byId[process.pmId];
  switch (event.event) {
    case 'online':
    case 'start':
      return seen?.up && seen.startedAt === process.startedAt ? unchanged(view) : online(view, process);
    case 'exit': {
      if (!seen?.up || seen.startedAt !== process.startedAt) return unchanged(view);
      const next = put(view, process, false);
      const asked = process.status === 'stopping';
      return {
        view: next,
        happenings: [{ type: 'exit', pmId: process.pmId, startedAt: seen.startedAt, asked, code: event.exitCode }],
      };
    }
    case 'restart overlimit':
      return stoppedIfAllAre(put(view, process, false), 'pm2', 'errored');
    case 'stop':
      return event.manually ? stoppedIfAllAre(put(view, process, false), 'operator', 'stopped') : unchanged(view);
    case 'delete':
      return stoppedIfAllAre(drop(view, process.pmId), 'operator', 'absent');
    default:
      return unchanged(view);
  }
}

/** Takes in the daemon's whole list, as at the start of lifeguard or when a message may have been missed. `listed`: this backend's processes. */
export function takeList(
  view: ProcessView,
  listed: readonly Pm2Process[],
): { readonly view: ProcessView; readonly happenings: readonly Happening[] } {
  // A list that was on its way when the bus told an exit still shows that process.
  const hasEnded = ({ pmId, startedAt }: Pm2Process): boolean =>
    view.byId[pmId]?.startedAt === startedAt && view.byId[pmId]?.up === false;
  const next = viewOf(
    Object.fromEntries(listed.map((process) => [process.pmId, seenAs(process, isUp(process) && !hasEnded(process))])),
  );
  const incarnation = incarnationOf(next);
  if (incarnation !== null) {
    if (incarnation === incarnationOf(view)) return { view: next, happenings: [] };
    return { view: next, happenings: [{ type: 'online', incarnation, startedAt: youngest(next) }] };
  }
  if (listed.length === 0) return { view: next, happenings: [{ type: 'stopped', by: 'operator', status: 'absent' }] };
  if (listed.some((process) => process.status === 'errored'))
    return { view: next, happenings: [{ type: 'stopped', by: 'pm2', status: 'errored' }] };
  if (listed.every((process) => process.status === 'stopped'))
    return { view: next, happenings: [{ type: 'stopped', by: 'operator', status: 'stopped' }] };
  return { view: next, happenings: [] };
}

function online(view: ProcessView, process: Pm2Process): { view: ProcessView; happenings: Happening[] } {
  const next = put(view, process, true);
  const incarnation = incarnationOf(next);
  return {
    view: next,
    happenings: incarnation === null ? [] : [{ type: 'online', incarnation, startedAt: process.startedAt }],
  };
}

function stoppedIfAllAre(
  view: ProcessView,
  by: 'operator' | 'pm2',
  status: Pm2Status,
): { view: ProcessView; happenings: Happening[] } {
  const anyUp = Object.values(view.byId).some((seen) => seen.up);
  return { view, happenings: anyUp ? [] : [{ type: 'stopped', by, status }] };
}

function put(view: ProcessView, process: Pm2Process, up: boolean): ProcessView {
  return viewOf({ ...view.byId, [process.pmId]: seenAs(process, up) });
}

function drop(view: ProcessView, pmId: number): ProcessView {
  return viewOf(Object.fromEntries(Object.entries(view.byId).filter(([id]) => Number(id) !== pmId)));
}

function seenAs({ pid, startedAt, status, outFile, errorFile }: Pm2Process, up: boolean): SeenProcess {
  return { pid, startedAt, up, status: knownStatus(status), outFile, errorFile };
}

/** PM2 lists it as running. */
export function isUp(process: Pm2Process): boolean {
  return process.pid > 0 && (process.status === 'online' || process.status === 'launching');
}

function youngest(view: ProcessView): number {
  return Math.max(...processesUp(view).map((seen) => seen.startedAt));
}

function unchanged(view: ProcessView): { view: ProcessView; happenings: Happening[] } {
  return { view, happenings: [] };
}

function knownStatus(status: string): Pm2Status {
  switch (status) {
    case 'online':
    case 'launching':
    case 'stopping':
    case 'stopped':
    case 'waiting restart':
    case 'errored':
      return status;
    default:
      return 'absent';
  }
}
