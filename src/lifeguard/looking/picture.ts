import { gateIn } from '../../pm2/gate/gate-file.ts';
import { killTimeoutOf } from '../../pm2/kill-timeout.ts';
import type { BusEvent, Pm2Process } from '../../pm2/types.ts';
import type { ChildPhase, Ended, Event, SeenChild } from '../../policy/event.ts';

/**
 * What PM2 is known to run for one backend, put together from its bus and its lists. Each message of the bus speaks of one process, in order;
 * a list of all of them, but as of some moment after it was asked for: what the bus told of a process since then, the list does not know.
 */
export type Picture = readonly Seen[];

export interface Seen {
  readonly pmId: number;
  /** 0: not known yet, the bus does not tell it. */
  readonly pid: number;
  /** Wall clock ms, PM2's own; with the id it tells one incarnation from the next. */
  readonly startedAt: number;
  readonly phase: ChildPhase;
  /** Monotonic ms: when this incarnation began, and when the bus last spoke of this process (null: not yet). */
  readonly upAt: number;
  readonly heardAt: number | null;
  /** The last incarnations that are over: a message about one of them is late, or was told before. */
  readonly past: readonly number[];
  /** A stop of it was announced while it still ran: until then (monotonic ms) it may go on, to finish what it has in hand; null: none was. */
  readonly endsBy: number | null;
  /** PM2 starts it again at once when it ends by itself. */
  readonly eager: boolean;
  /** The gate that its launcher waits at before it becomes the program; null: it has none. */
  readonly gate: string | null;
  readonly errorFile: string;
}

export interface Moment {
  readonly now: number;
  readonly wallNow: number;
}

/** The picture after a message or a list, and what it tells: see the event of this type. */
export interface News extends Pick<Extract<Event, { type: 'processes' }>, 'ended' | 'byHand'> {
  readonly picture: Picture;
}

/** PM2's delay before it starts what ended by itself: up to this lifeguard leaves the first crash to it. */
const EAGER_MS = 1_000;
const PAST = 16;
/** What was announced to end may be seen to so much later than its `kill_timeout`. */
const ENDS_LATER_MS = 10_000;

export function childrenOf(picture: Picture): readonly SeenChild[] {
  return picture.map((seen) => {
    const { pmId, phase, upAt, eager } = seen;
    return { pmId, incarnation: incarnationOf(seen), phase, upAt, eager };
  });
}

export function incarnationOf({ pmId, startedAt }: Pick<Seen, 'pmId' | 'startedAt'>): string {
  return `${pmId}@${startedAt}`;
}

/** The pids of what runs, as far as they are known. */
export function pidsOf(picture: Picture): readonly number[] {
  return picture.flatMap(({ phase, pid }) => (phase === 'up' && pid > 0 ? [pid] : []));
}

/**
 * Takes in one message of the bus. An exit that was asked for shows the status 'stopping', one that was not 'stopped' or 'errored' (God.js,
 * handleExit). `manually` is always somebody else's doing: lifeguard's client does not announce its calls.
 */
export function takeBus(picture: Picture, event: Extract<BusEvent, { type: 'process' }>, at: Moment): News {
  const { process } = event;
  const before = picture.find(({ pmId }) => pmId === process.pmId);
  const heard = before === undefined ? undefined : { ...before, heardAt: at.now };
  switch (event.event) {
    case 'delete':
      return { picture: picture.filter(({ pmId }) => pmId !== process.pmId), ended: [], byHand: [] };
    case 'stop':
      if (heard === undefined || !event.manually) return nothingNew(picture);
      // Somebody started it again before this was told.
      if (isLate(heard, process)) return nothingNew(put(picture, heard));
      return {
        picture: put(picture, { ...over(heard, 'stopped'), endsBy: endsBy(process, at) }),
        ended: [],
        byHand: [process.pmId],
      };
    case 'online':
    case 'start':
    case 'restart':
      if (heard?.past.includes(process.startedAt) || process.status === 'stopped') return nothingNew(put(picture, heard));
      // A worker that is reloaded is not told to have ended.
      return takeUp(picture, heard, seenAs(process, heard, 'up', at), process.execMode === 'cluster');
    case 'exit': {
      if (heard?.past.includes(process.startedAt)) return nothingNew(put(picture, heard));
      const asked = process.status === 'stopping';
      const phase = asked ? 'stopping' : process.status === 'errored' ? 'errored' : 'down';
      const up = takeUp(picture, heard, seenAs(process, heard, 'up', at), false);
      const seen = up.picture.find(({ pmId }) => pmId === process.pmId);
      const ended = { pmId: process.pmId, incarnation: incarnationOf(process), asked, code: event.exitCode };
      return { picture: seen ? put(up.picture, over(seen, phase)) : up.picture, ended: [...up.ended, ended], byHand: [] };
    }
    default:
      return nothingNew(put(picture, heard));
  }
}

/**
 * Takes in the daemon's list, as far as it speaks of this backend.
 * @param askedAt monotonic ms at which it was asked for
 * @param isFirst what ended before lifeguard's own start ended unseen
 */
export function takeList(picture: Picture, listed: readonly Pm2Process[], askedAt: number, isFirst: boolean, at: Moment): News {
  let next: Picture = picture.filter(({ pmId, heardAt }) => isNewer(heardAt, askedAt) || listed.some((one) => one.pmId === pmId));
  const ended: Ended[] = [];
  for (const process of listed) {
    const before = next.find(({ pmId }) => pmId === process.pmId);
    const phase = phaseOf(process);
    if (before !== undefined && isNewer(before.heardAt, askedAt)) {
      if (before.startedAt === process.startedAt) next = put(next, { ...before, pid: process.pid });
    } else if (before?.past.includes(process.startedAt) && phase !== 'up') {
      next = put(next, { ...before, phase });
    } else if (before?.startedAt === process.startedAt && before.endsBy !== null && at.now < before.endsBy) {
      next = put(next, { ...before, pid: process.pid });
    } else {
      // Whatever was told before: it runs.
      const seen = back(seenAs(process, before, phase, at));
      const taken = takeUp(next, before, { ...seen, pid: process.pid }, false);
      next = isUp(phase) ? taken.picture : put(taken.picture, over(seen, phase));
      ended.push(...taken.ended);
      // It came, or was there, and went, and nobody told.
      if (!isUp(phase) && before !== undefined)
        ended.push({ pmId: process.pmId, incarnation: incarnationOf(process), asked: phase === 'stopped', code: null });
    }
  }
  return { picture: next, ended: isFirst ? [] : ended, byHand: [] };
}

/** PM2 was asked by us to stop it, and said that it has. */
export function noteStopped(picture: Picture, pmId: number): Picture {
  const seen = picture.find((one) => one.pmId === pmId);
  return seen === undefined || seen.phase === 'up' ? picture : put(picture, { ...seen, phase: 'stopped' });
}

/** A process is there; if another one of its id was, that one has ended. */
function takeUp(picture: Picture, before: Seen | undefined, seen: Seen, asked: boolean): News {
  const hasEnded = before !== undefined && before.startedAt !== seen.startedAt && !before.past.includes(before.startedAt);
  const ended = hasEnded ? [{ pmId: before.pmId, incarnation: incarnationOf(before), asked, code: null }] : [];
  const past = hasEnded ? [before.startedAt, ...seen.past].slice(0, PAST) : seen.past;
  return { picture: put(picture, { ...seen, past }), ended, byHand: [] };
}

function over(seen: Seen, phase: ChildPhase): Seen {
  return { ...seen, phase, pid: 0, past: [seen.startedAt, ...seen.past.filter((at) => at !== seen.startedAt)].slice(0, PAST) };
}

/** Its own end is none, if it was told. */
function back(seen: Seen): Seen {
  return seen.past.includes(seen.startedAt) ? { ...seen, past: seen.past.filter((at) => at !== seen.startedAt) } : seen;
}

/** An end that is announced before it is asked for, as `lifeguard stop` does; or somebody started it again meanwhile, and it stays. */
function endsBy({ status, env }: Pm2Process, { now }: Moment): number | null {
  return status === 'online' || status === 'launching' ? now + killTimeoutOf(env) + ENDS_LATER_MS : null;
}

/** A message about a process that another one of its id has followed. What came out of order may have made an older one the last. */
function isLate({ past, startedAt }: Seen, told: Pm2Process): boolean {
  return told.startedAt < startedAt && past.includes(told.startedAt);
}

function isUp(phase: ChildPhase): boolean {
  return phase === 'up' || phase === 'stopping';
}

function seenAs(process: Pm2Process, before: Seen | undefined, phase: ChildPhase, { now, wallNow }: Moment): Seen {
  const isSame = before?.startedAt === process.startedAt;
  return {
    pmId: process.pmId,
    pid: process.pid > 0 ? process.pid : isSame ? before.pid : 0,
    startedAt: process.startedAt,
    phase,
    upAt: isSame ? before.upAt : before?.heardAt === now ? now : now - Math.max(0, wallNow - process.startedAt),
    heardAt: before?.heardAt ?? null,
    past: before?.past ?? [],
    endsBy: null,
    eager: isEager(process.env),
    gate: gateIn(process.env.args),
    errorFile: process.errorFile,
  };
}

function isEager({ autorestart, exp_backoff_restart_delay: backoff, restart_delay: delay }: Pm2Process['env']): boolean {
  return autorestart !== false && [backoff, delay].every((ms) => ms === undefined || Number(ms) <= EAGER_MS);
}

function phaseOf({ status, pid }: Pm2Process): ChildPhase {
  switch (status) {
    case 'online':
    case 'launching':
      return pid > 0 ? 'up' : 'down';
    case 'stopping':
    case 'stopped':
    case 'errored':
      return status;
    default:
      return 'down';
  }
}

function isNewer(heardAt: number | null, askedAt: number): boolean {
  return heardAt !== null && heardAt > askedAt;
}

function put(picture: Picture, seen: Seen | undefined): Picture {
  if (seen === undefined) return picture;
  const i = picture.findIndex(({ pmId }) => pmId === seen.pmId);
  return i < 0 ? [...picture, seen] : picture.with(i, seen);
}

function nothingNew(picture: Picture): News {
  return { picture, ended: [], byHand: [] };
}
