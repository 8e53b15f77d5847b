import { nextDelay } from './backoff.ts';
import { countRestarts, isSpent, spend } from './budget.ts';
import type { Event, ExitInfo, PortHolder } from './event.ts';
import { fail, openIncident, sayOnce } from './incident.ts';
import {
  crashed,
  gaveUpByPm2,
  limitReached,
  notInRestartOn,
  orphanOnPort,
  portFree,
  portTaken,
  reason,
  waits,
} from './reasons.ts';
import { drive, expectOnline, isAllowed, park, wantRestart } from './restart.ts';
import type { BackendState } from './state.ts';
import { act, change, enter, journal, type Turn } from './turn.ts';

export type Exit = Extract<Event, { type: 'exit' }>;

/** An orphan that does not end is asked again this often. */
const ORPHAN_AGAIN_MS = 10_000;

/** A process ended and nobody had asked for it. The first time PM2 starts it again at once; from the second on we space the starts. */
export function crash(turn: Turn, { exit, port, othersOnline = 0 }: Exit): Turn {
  const seen = change(turn, { lastError: nextLastError(turn.state, exit) });
  if (port !== null) return taken(change(seen, { process: othersOnline > 0 ? 'up' : 'gone' }), port);
  if (othersOnline > 0) return crashOfOne(seen, exit);
  const why = crashed(exit, seen.state);
  const gone = change(seen, { process: 'gone' });
  if (isLeftToPm2(gone)) return startedByPm2(gone, why);
  return wantRestart(gone, { cause: 'crash', how: 'start', reason: why, failedAt: turn.now, spacedFrom: gone.state.startedAt });
}

/** It ends by itself while a restart of it is waiting: the same wait, then a start. */
export function crashWhileDue(turn: Turn, happening: Exit): Turn {
  const { due, process } = turn.state;
  if (process === 'parked' || process === 'stopping') return turn;
  if (due === null || happening.port !== null || (happening.othersOnline ?? 0) > 0) return crash(turn, happening);
  const why = crashed(happening.exit, turn.state);
  const waiting = change(turn, { process: 'gone', due: { ...due, how: 'start', cause: 'crash', reason: why } });
  return park(journal(waiting, 'hold', 'crash', waits(why, due.at - turn.now)), why);
}

/** PM2 has given up on it: its next start is ours, spaced like any other. */
export function gaveUp(turn: Turn): Turn {
  if (turn.state.process === 'parked' || turn.state.process === 'stopping') return change(turn, { process: 'parked' });
  return wantRestart(change(turn, { process: 'parked' }), {
    cause: 'crash',
    how: 'start',
    reason: gaveUpByPm2(),
    failedAt: turn.now,
  });
}

/** It can't start for a reason outside it: nothing is counted, and no start is tried until the port is free. */
export function taken(turn: Turn, holder: PortHolder): Turn {
  const isOrphan = holder.kind === 'orphan';
  const why = isOrphan ? orphanOnPort(holder) : portTaken(holder);
  const opened = openIncident(turn, null, turn.now);
  const blocked = enter(opened, 'blocked', { due: null, attempt: null, hold: why, spareDueAt: null });
  const parked = park(sayOnce(blocked, 'blocked', null, why), why);
  const { orphanAskedAt } = parked.state;
  if (!isOrphan || (orphanAskedAt !== null && turn.now - orphanAskedAt < ORPHAN_AGAIN_MS)) return parked;
  return act(change(parked, { orphanAskedAt: turn.now }), { type: 'end-orphan', holder, reason: why });
}

/** The port is free at last: started at once, and not counted. */
export function freed(turn: Turn): Turn {
  if (turn.state.process !== 'parked') return turn;
  const starting = expectOnline(turn, { how: 'start', cause: 'crash', performedAt: null }, { orphanAskedAt: null });
  return drive(journal(starting, 'restart', null, portFree()), 'start', 'crash', portFree());
}

/** The instance that crashed alone is started again when its time has come. */
export function startSpare(turn: Turn): Turn {
  const { state, policy, now } = turn;
  if (state.spareDueAt === null || now < state.spareDueAt) return turn;
  const idle = change(turn, { spareDueAt: null });
  if (isSpent(state, policy, now)) return idle;
  const why = reason('backoff', 'One of its instances is started again after its backoff; the others served on.');
  const counted = change(idle, { restarts: spend(state, 'crash', policy, now), lastRestartAt: now });
  return drive(journal(counted, 'restart', 'crash', why), 'start', 'crash', why);
}

/** One of several instances: the others serve on and are left alone, whatever becomes of this one. */
function crashOfOne(turn: Turn, exit: ExitInfo): Turn {
  const why = crashed(exit, turn.state);
  const { state, policy, now } = turn;
  if (isLeftToPm2(turn)) {
    const counted = change(fail(turn, 'crash', now, why), {
      restarts: spend(state, 'crash', policy, now),
      lastRestartAt: now,
      lastDelayMs: 0,
    });
    return journal(counted, 'restart', 'crash', why);
  }
  const failed = fail(turn, 'crash', now, why);
  const stopped = act(failed, { type: 'stop', only: 'ended', reason: why });
  if (!isAllowed('crash', policy)) return sayOnce(stopped, 'hold', 'crash', notInRestartOn('crash', why));
  if (state.trialSince !== null || isSpent(state, policy, now)) {
    return journal(stopped, 'give-up', 'crash', limitReached(countRestarts(state, policy, now), policy, why));
  }
  const { delayMs, seed } = nextDelay(state, policy, now);
  return journal(
    change(stopped, { spareDueAt: now + delayMs, lastDelayMs: delayMs, seed }),
    'hold',
    'crash',
    waits(why, delayMs),
  );
}

/** The first in the window: PM2 starts it again after 0.1 s, which is sooner than we could. */
function isLeftToPm2({ state, policy, now }: Turn): boolean {
  const isFirst = nextDelay(state, policy, now).delayMs === 0;
  return isFirst && isAllowed('crash', policy) && state.trialSince === null && !isSpent(state, policy, now);
}

function startedByPm2(turn: Turn, why: ReturnType<typeof crashed>): Turn {
  const { state, policy, now } = turn;
  const attempt = { how: 'restart', cause: 'crash', performedAt: now } as const;
  const restarting = expectOnline(turn, attempt, { restarts: spend(state, 'crash', policy, now), lastDelayMs: 0 });
  return journal(fail(restarting, 'crash', now, why), 'restart', 'crash', why);
}

function nextLastError({ lastError }: BackendState, { lastError: line }: ExitInfo): BackendState['lastError'] {
  if (line === null) return null;
  return { line, times: lastError?.line === line ? lastError.times + 1 : 1 };
}
