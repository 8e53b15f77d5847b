import { stableAfterMs } from './backoff.ts';
import { spend } from './budget.ts';
import type { Event } from './event.ts';
import { inWords } from './in-words.ts';
import { closeIncident } from './incident.ts';
import { actionFailed, coolDownOver, reason } from './reasons.ts';
import { drive, expectOnline, wantRestart } from './restart.ts';
import { NO_STREAK } from './state.ts';
import { change, enter, journal, type Turn } from './turn.ts';

/** PM2's calls have time limits of their own; an action of which nothing was ever heard is given up after this. */
const UNHEARD_MS = 60_000;

/** After an action of ours failed, at the least. */
const RETRY_MS = 1_000;

type Online = Extract<Event, { type: 'online' }>;
type Performed = Extract<Event, { type: 'performed' }>;

/** A new process is up: nothing that was seen of another one is held against it. */
export function comeOnline(turn: Turn, { incarnation, startedAt }: Online): Turn {
  const fresh = {
    incarnation,
    startedAt,
    process: 'up',
    cameUpAt: null,
    streak: NO_STREAK,
    warned: false,
    overloadSince: null,
    // What it said when it crashed holds for the start that follows from the crash, not for one that somebody else made.
    lastError: turn.state.attempt?.cause === 'crash' ? turn.state.lastError : null,
  } as const;
  return enter(turn, 'starting', {
    ...fresh,
    since: turn.now,
    due: null,
    attempt: null,
    hold: null,
    healthySince: null,
    orphanAskedAt: null,
  });
}

/** The same, unless it is told of a process that is known already. */
export function comeOnlineAnew(turn: Turn, online: Online): Turn {
  return online.incarnation === turn.state.incarnation ? turn : comeOnline(turn, online);
}

/** Someone started what lifeguard had stopped; not so if PM2 was only quicker than our own `stop`, which is under way. */
export function comeOnlineByHand(turn: Turn, online: Online): Turn {
  return turn.state.process === 'stopping' ? turn : comeOnline(turn, online);
}

/** A success: healthy again after `success_threshold` of them, or after one if it never was down. */
export function doWell(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const well = state.cameUpAt === null ? change(turn, { cameUpAt: now }) : turn;
  const needed = state.incident === null ? 1 : policy.successThreshold;
  if (state.streak.successes < needed || state.due?.cause === 'memory' || state.process !== 'up') return well;
  return enter(well, 'healthy', { due: null, hold: null, healthySince: state.healthySince ?? now });
}

/** What continuous health earns: the incident ends, the backoff starts anew, a cure is believed, the trial is over. */
export function settleHealthy(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const wellForMs = state.healthySince === null ? 0 : now - state.healthySince;
  let next = closeIncident(turn);
  const last = state.restarts.at(-1);
  if (last !== undefined && last.at > (state.stableAt ?? Number.NEGATIVE_INFINITY) && wellForMs >= stableAfterMs(state, policy)) {
    next = change(next, { stableAt: now, lastDelayMs: 0, lastError: null });
  }
  if (state.cure !== null && wellForMs >= 2 * policy.failureThreshold * policy.intervalMs) next = change(next, { cure: null });
  if (state.trialSince !== null && wellForMs >= policy.withinMs) next = change(next, { trialSince: null });
  return next;
}

/** An operator's own command ended it: what comes next is the operator's too. Others of several instances may serve on. */
export function endedOnRequest(turn: Turn, { by, othersOnline = 0 }: Extract<Event, { type: 'exit' }>): Turn {
  if (by !== 'operator' || othersOnline > 0) return turn;
  return expectOnline(turn, { how: 'restart', cause: 'operator', performedAt: turn.now });
}

/** An operator stopped it: it is never started by lifeguard. */
export function standDown(turn: Turn): Turn {
  return enter(turn, 'stopped', { process: 'parked', due: null, attempt: null, hold: null, streak: NO_STREAK, spareDueAt: null });
}

/** It is stopped, by a `stop` of ours that came later than PM2's own restart: started again in its turn. */
export function foundParked(turn: Turn): Turn {
  const why = reason('action-failed', 'It was found stopped by lifeguard itself.');
  return wantRestart(change(turn, { process: 'parked' }), { cause: 'crash', how: 'start', reason: why, failedAt: turn.now });
}

/** Our `stop` is done. */
export function confirmParked(turn: Turn): Turn {
  return turn.state.process === 'stopping' ? change(turn, { process: 'parked' }) : turn;
}

export function noteDone(turn: Turn, { action }: Performed): Turn {
  if (action === 'stop') return confirmParked(turn);
  const { attempt } = turn.state;
  return attempt === null ? turn : change(turn, { attempt: { ...attempt, performedAt: turn.now } });
}

/** PM2 could not do it: due again. A restart that failed leaves the old process, whose checks go on to count. */
export function tryAgain(turn: Turn, { action, error }: Performed): Turn {
  if (action === 'stop') return turn;
  const { attempt } = turn.state;
  const process = action === 'start' ? 'parked' : 'up';
  const why = actionFailed(action, error ?? 'no reason given');
  const wanted = { cause: attempt?.cause ?? 'unreachable', how: action, reason: why, failedAt: turn.now } as const;
  return wantRestart(change(turn, { process }), { ...wanted, atLeastMs: Math.max(RETRY_MS, turn.policy.backoff.initialMs) });
}

/** Nothing waits for ever: no new process within its time is a failed restart. */
export function settleRestarting(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const performedAt = state.attempt?.performedAt ?? null;
  const limitMs = performedAt === null ? Math.max(UNHEARD_MS, policy.startupTimeoutMs) : policy.startupTimeoutMs;
  if (now - (performedAt ?? state.since) < limitMs) return turn;
  const { how, cause } = state.attempt ?? ({ how: 'restart', cause: 'unreachable' } as const);
  const parked = how === 'start' ? change(turn, { process: 'parked' }) : turn;
  const why = actionFailed(how, `no new process within ${inWords(limitMs)}`);
  return wantRestart(parked, { cause, how, reason: why, failedAt: now, atLeastMs: Math.max(RETRY_MS, policy.backoff.initialMs) });
}

/** The limit was reached, and the cool-down is over: one trial. */
export function settleExhausted(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const { coolDownMs, maxRestarts } = policy;
  if (state.process !== 'parked' || coolDownMs === null || maxRestarts === 0 || now - state.since < coolDownMs) return turn;
  const cause = state.incident?.cause ?? 'crash';
  const why = coolDownOver(policy);
  const attempt = { how: 'start', cause, performedAt: null } as const;
  const trial = expectOnline(turn, attempt, { trialSince: now, restarts: spend(state, cause, policy, now) });
  return drive(journal(trial, 'restart', cause, why), 'start', cause, why);
}
