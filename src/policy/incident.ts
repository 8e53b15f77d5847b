import type { Reason } from './action.ts';
import type { Cause } from './policy.ts';
import { recovered } from './reasons.ts';
import type { Due } from './state.ts';
import type { StateName } from './state-name.ts';
import { change, enter, journal, type Turn } from './turn.ts';

/** One incident lasts from the first failure to the recovery; what happens meanwhile belongs to it. */
export function openIncident(turn: Turn, cause: Cause | null, failedAt: number): Turn {
  const { incident, incidents } = turn.state;
  if (incident !== null) return turn;
  return change(turn, { incident: { number: incidents + 1, failedAt, cause, held: null }, incidents: incidents + 1 });
}

/** Opens an incident with its 'fail' line, unless one is open. */
export function fail(turn: Turn, cause: Cause, failedAt: number, reason: Reason): Turn {
  if (turn.state.incident !== null) return turn;
  return journal(openIncident(turn, cause, failedAt), 'fail', cause, reason);
}

/** Does nothing about it, in this state and for this reason. One line a reason, however often it is confirmed. */
export function hold(turn: Turn, name: StateName, cause: Cause, failedAt: number, reason: Reason, due: Due | null = null): Turn {
  const { state } = turn;
  if (state.name === name && state.due === due && state.hold?.code === reason.code && state.hold.text === reason.text)
    return turn;
  return sayOnce(enter(openIncident(turn, cause, failedAt), name, { due, hold: reason }), 'hold', cause, reason);
}

/** The line of a hold, unless the incident has it already. */
export function sayOnce(turn: Turn, what: 'hold' | 'blocked', cause: Cause | null, reason: Reason): Turn {
  const { incident } = turn.state;
  if (incident === null || incident.held === reason.code) return turn;
  return journal(change(turn, { incident: { ...incident, held: reason.code } }), what, cause, reason);
}

/** Longer than this no incident waits for its end. */
const MAX_CALM_MS = 30_000;

/**
 * Ends the incident that is open, when it is over: at once after a first restart, later the more often it took one, so that
 * a backend that gets up and falls again is one incident. An overload comes and goes, too.
 */
export function closeIncident(turn: Turn): Turn {
  const { incident, healthySince, lastDelayMs, spareDueAt } = turn.state;
  if (incident === null || healthySince === null || spareDueAt !== null) return turn;
  const calmMs = incident.held === 'overload' ? MAX_CALM_MS : Math.min(lastDelayMs, MAX_CALM_MS);
  if (turn.now - healthySince < calmMs) return turn;
  const why = recovered(healthySince - incident.failedAt);
  return change(journal(turn, 'recover', incident.cause, why, healthySince), { incident: null });
}
