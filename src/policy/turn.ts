import type { Action, JournalEntry, Reason } from './action.ts';
import { nameOf } from './children.ts';
import type { Cause, Policy } from './policy.ts';
import { countRestarts } from './restarting/budget.ts';
import type { BackendState, Judgement } from './state.ts';
import type { StateName } from './state-name.ts';

/** One decision being made: the state so far and what is to be done so far. Never changed in place. */
export interface Turn {
  readonly state: BackendState;
  readonly actions: readonly Action[];
  readonly policy: Policy;
  readonly now: number;
  /** The state's name when the turn began. */
  readonly from: StateName;
}

/** The turn itself when nothing would be different: each copy of a state costs as much as all the rest of a decision. */
export function change(turn: Turn, patch: Partial<BackendState>): Turn {
  return isNews(turn.state, patch) ? { ...turn, state: { ...turn.state, ...patch } } : turn;
}

function isNews(state: BackendState, patch: Partial<BackendState>): boolean {
  for (const key in patch) if (state[key as keyof BackendState] !== patch[key as keyof BackendState]) return true;
  return false;
}

/** The same judgement again is no news. */
export function judged(turn: Turn, judgement: Judgement): Turn {
  return isSame(turn.state.judgement, judgement) ? turn : change(turn, { judgement });
}

function isSame(a: Judgement, b: Judgement): boolean {
  if (a.name !== b.name) return false;
  for (const key in b) {
    const [before, after] = [a[key as keyof Judgement] as unknown, b[key as keyof Judgement] as unknown];
    if (before !== after && !(key === 'hold' && isSameReason(before as Reason | null, after as Reason | null))) return false;
  }
  return true;
}

function isSameReason(a: Reason | null, b: Reason | null): boolean {
  return a?.code === b?.code && a?.text === b?.text;
}

export function act(turn: Turn, action: Action): Turn {
  return { ...turn, actions: [...turn.actions, action] };
}

/**
 * Writes a line of the journal, numbered with the incident that is open, or else the last one.
 * @param at when it came to be, if that was before now
 */
export function journal(turn: Turn, what: JournalEntry['what'], cause: Cause | null, reason: Reason, at = turn.now): Turn {
  const { state, policy, now, from } = turn;
  const entry: JournalEntry = {
    what,
    incident: state.incident?.number ?? state.incidents,
    from,
    to: nameOf(state),
    cause,
    reason,
    restarts: countRestarts(state, policy, now),
    sinceFailureMs: state.incident === null ? 0 : Math.max(0, Math.round(at - state.incident.failedAt)),
  };
  return act(turn, { type: 'journal', entry });
}
