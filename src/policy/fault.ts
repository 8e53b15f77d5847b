import type { Decision } from './decide.ts';
import type { Policy } from './policy.ts';
import { type BackendState, initialState } from './state.ts';
import { ownFault } from './telling/reasons.ts';
import { journal } from './turn.ts';

/** One line a minute, however often it fails. */
const SAY_EVERY_MS = 60_000;

/**
 * After a decision that threw: the backend begins with a fresh look, so that what led to it is gone. What was counted, what an operator asked
 * for and what is kept stopped stays; should that be the trouble, the second time only the count does.
 */
export function afterFault(before: BackendState, policy: Policy, now: number, error: unknown): Decision {
  const again = before.faultAt !== null && now - before.faultAt < SAY_EVERY_MS;
  const { budget, incidents, pause, name, since, fleet } = before;
  const kept = again ? {} : { pause, children: before.children, lookedAt: before.lookedAt, incident: before.incident };
  const state = { ...initialState(policy, now, before.seed), budget, incidents, name, since, fleet, faultAt: now, ...kept };
  if (again) return { state: { ...state, faultAt: before.faultAt }, actions: [] };
  const text = error instanceof Error ? error.message : String(error);
  const turn = { state, actions: [], policy, now, from: name };
  return { state, actions: journal(turn, 'warn', null, ownFault(text)).actions };
}
