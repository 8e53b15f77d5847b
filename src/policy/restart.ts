import type { Reason } from './action.ts';
import { nextDelay } from './backoff.ts';
import { countRestarts, isSpent, spend } from './budget.ts';
import { fail, hold } from './incident.ts';
import type { Cause, Policy } from './policy.ts';
import { limitReached, neverRestarted, notInRestartOn, trialFailed, waits } from './reasons.ts';
import type { Attempt, BackendState, Due } from './state.ts';
import { act, change, enter, journal, type Turn } from './turn.ts';

/** A restart that something calls for; whether and when it comes is decided here. */
export interface Wanted {
  readonly cause: Cause;
  readonly how: Due['how'];
  readonly reason: Reason;
  /** The backoff counts from the failure, so that the time it took to be sure is not added to it. */
  readonly failedAt: number;
  /** Or from the last start, for what dies by itself: there it is the starts that are spaced, and `initial` is kept after the end. */
  readonly spacedFrom?: number;
  /** Wait for at least this long from now: what was tried just failed. */
  readonly atLeastMs?: number;
}

/** Down: a restart falls due after its backoff, unless `restart.on` leaves this cause out, the trial failed or the limit is reached. */
export function wantRestart(turn: Turn, wanted: Wanted): Turn {
  const { cause, how, reason, failedAt, spacedFrom, atLeastMs = 0 } = wanted;
  const down = fail(enter(turn, 'unhealthy', { due: null, attempt: null }), cause, failedAt, reason);
  const { state, policy, now } = down;
  if (!isAllowed(cause, policy))
    return keepDown(hold(down, 'unhealthy', cause, failedAt, notInRestartOn(cause, reason)), how, reason);
  if (cause !== 'operator') {
    if (state.trialSince !== null) return exhaust(down, cause, trialFailed(policy, reason));
    if (policy.maxRestarts === 0 && how !== 'start') return hold(down, 'unhealthy', cause, failedAt, neverRestarted(reason));
    if (isSpent(state, policy, now)) return exhaust(down, cause, limitReached(countRestarts(state, policy, now), policy, reason));
  }
  const { delayMs, seed } = nextDelay(state, policy, now);
  const leastMs = spacedFrom === undefined ? atLeastMs : Math.min(delayMs, policy.backoff.initialMs);
  const at = Math.max((spacedFrom ?? failedAt) + delayMs, now + leastMs);
  const due: Due = { at, how, cause, reason, delayMs };
  const planned = keepDown(change(down, { due, seed, hold: null }), how, reason);
  return at > now ? journal(planned, 'hold', cause, waits(reason, at - now)) : planned;
}

/** Does what is due, once more within the limit; from here on a new process is expected. */
export function restartNow(turn: Turn, due: Due): Turn {
  const { state, policy, now } = turn;
  const { cause, how, reason, delayMs } = due;
  if (cause !== 'operator' && isSpent(state, policy, now)) {
    return exhaust(turn, cause, limitReached(countRestarts(state, policy, now), policy, reason));
  }
  const restarts = spend(state, cause, policy, now);
  const cure = cause === '503' ? { restartedAt: now, brief: (state.cure?.brief ?? 0) + 1 } : state.cure;
  const restarting = expectOnline(turn, { how, cause, performedAt: null }, { restarts, cure, lastDelayMs: delayMs });
  return drive(journal(restarting, 'restart', cause, reason), how, cause, reason);
}

/** Tells PM2 to do it. The attempt's number is that of the restarts in the window. */
export function drive(turn: Turn, how: Due['how'], cause: Cause, reason: Reason): Turn {
  return act(turn, { type: how, cause, reason, attempt: countRestarts(turn.state, turn.policy, turn.now) });
}

export function expectOnline(turn: Turn, attempt: Attempt, patch: Partial<BackendState> = {}): Turn {
  const gone = { process: 'gone', due: null, hold: null, spareDueAt: null, lastRestartAt: turn.now } as const;
  return enter(turn, 'restarting', { ...gone, attempt, ...patch });
}

/** Over: stopped until the cool-down has passed or an operator resets it. */
export function exhaust(turn: Turn, cause: Cause, reason: Reason): Turn {
  const over = enter(turn, 'exhausted', {
    due: null,
    attempt: null,
    hold: reason,
    trialSince: null,
    cure: null,
    spareDueAt: null,
  });
  return park(journal(over, 'give-up', cause, reason), reason);
}

/** Stops it through PM2, so that nobody but lifeguard starts it again. */
export function park(turn: Turn, reason: Reason): Turn {
  const { process } = turn.state;
  if (process === 'parked' || process === 'stopping') return turn;
  return act(change(turn, { process: 'stopping', stopAskedAt: turn.now }), { type: 'stop', only: 'all', reason });
}

/** What has ended is kept from PM2's own restart until it is started. */
function keepDown(turn: Turn, how: Due['how'], reason: Reason): Turn {
  return how === 'start' ? park(turn, reason) : turn;
}

/** `memory` follows from max_memory and an operator from nothing; the others are what `restart.on` names. */
export function isAllowed(cause: Cause, { restartOn }: Policy): boolean {
  return cause === 'memory' || cause === 'operator' || restartOn.includes(cause);
}
