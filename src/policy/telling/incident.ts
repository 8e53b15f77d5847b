import type { Reason } from '../action.ts';
import type { Cause, Policy } from '../policy.ts';
import type { BackendState, Judgement } from '../state.ts';
import { change, journal, judged, type Turn } from '../turn.ts';
import { recovered, stoppedByOperator } from './reasons.ts';

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

/** Does nothing about it, for the reason that the judgement has. One line a reason, however often it is confirmed. */
export function hold(turn: Turn, judgement: Judgement & { readonly hold: Reason }, cause: Cause | null, failedAt: number): Turn {
  return sayOnce(judged(openIncident(turn, cause, failedAt), judgement), 'hold', cause, judgement.hold);
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
 * How long it must be well before the incident that is open is over: longer the more often it took a restart. An overload comes and goes, and a
 * trial may fail. That one of several instances is well is not seen by the answers: it is when it has stayed for so long as a verdict takes.
 */
export function calmMs({ incident, budget, children }: BackendState, policy: Policy): number {
  if (incident?.held === 'overload' || children.some(({ trialSince }) => trialSince !== null)) return MAX_CALM_MS;
  const stayedMs = policy.instances > 1 ? policy.failureThreshold * policy.intervalMs : 0;
  return Math.min(Math.max(budget.lastDelayMs, stayedMs), MAX_CALM_MS);
}

/**
 * Ends the incident that is open, when it is over: at once after a first restart, later the more often it took one, so that
 * a backend that gets up and falls again is one incident. While one of its children is down it is not over.
 */
export function closeIncident(turn: Turn, wellSince: number): Turn {
  const { incident } = turn.state;
  if (incident === null || !canClose(turn.state) || turn.now - wellSince < calmMs(turn.state, turn.policy)) return turn;
  const why = recovered(Math.max(0, wellSince - incident.failedAt));
  return change(journal(turn, 'recover', incident.cause, why, wellSince), { incident: null });
}

/** What an operator stopped has no trouble any more. */
export function closeStopped(turn: Turn): Turn {
  const { incident, children, lookedAt } = turn.state;
  if (incident === null || lookedAt === null || !children.every(({ plan }) => plan.is === 'left')) return turn;
  return change(journal(turn, 'stop', incident.cause, stoppedByOperator()), { incident: null, deaths: null, failures: null });
}

/** A job has ended well: what was wrong with it is over. */
export function closeDone(turn: Turn): Turn {
  const { incident } = turn.state;
  if (incident === null) return turn;
  return change(journal(turn, 'recover', incident.cause, recovered(turn.now - incident.failedAt)), { incident: null });
}

export function canClose({ incident, children }: BackendState): boolean {
  return incident !== null && children.every(({ plan, untold }) => untold === null && (plan.is === 'run' || plan.is === 'left'));
}
