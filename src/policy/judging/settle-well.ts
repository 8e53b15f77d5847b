import type { Policy } from '../policy.ts';
import { stableAfterMs } from '../restarting/backoff.ts';
import type { BackendState } from '../state.ts';
import { calmMs, canClose, closeIncident } from '../telling/incident.ts';
import { change, type Turn } from '../turn.ts';

/** What continuous health earns: the incident ends, the backoff starts anew, a cure is believed, a trial is over. */
export function settleWell(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const steady = steadySince(state);
  if (steady === null) return turn;
  let next = closeIncident(turn, steady);
  if (isRestless(state) && now >= steady + stableAfterMs(state, policy))
    next = change(next, { budget: { ...state.budget, stableAt: now, lastDelayMs: 0 }, lastError: null });
  if (state.cure !== null && now >= steady + outlivesMs(policy)) next = change(next, { cure: null });
  if (isOnTrial(state) && now >= steady + policy.withinMs)
    next = change(next, { children: next.state.children.map((child) => ({ ...child, trialSince: null })) });
  return next;
}

/** When the first of these is due; null: all is settled. */
export function settlesAt(state: BackendState, policy: Policy): number | null {
  const steady = steadySince(state);
  if (steady === null) return null;
  const afterMs: number[] = [];
  if (canClose(state)) afterMs.push(calmMs(state, policy));
  if (isRestless(state)) afterMs.push(stableAfterMs(state, policy));
  if (state.cure !== null) afterMs.push(outlivesMs(policy));
  if (isOnTrial(state)) afterMs.push(policy.withinMs);
  return afterMs.length === 0 ? null : steady + Math.min(...afterMs);
}

/** Since when all that is to run runs, and is well; null: it does not, or is not. */
function steadySince({ judgement, children }: BackendState): number | null {
  if (!('wellSince' in judgement) || judgement.wellSince === null) return null;
  let since = judgement.wellSince;
  for (const { plan, phase, upAt } of children) {
    if (plan.is === 'parked' || plan.is === 'fallen' || (plan.is === 'run' && phase !== 'up')) return null;
    if (plan.is === 'run') since = Math.max(since, upAt);
  }
  return since;
}

function isOnTrial({ children }: BackendState): boolean {
  return children.some(({ trialSince, plan }) => trialSince !== null && plan.is === 'run');
}

/** A restart was made since it last stood firm. */
function isRestless({ budget: { restarts, stableAt } }: BackendState): boolean {
  const last = restarts.at(-1);
  return last !== undefined && (stableAt === null || last.at > stableAt);
}

/** So long that two verdicts would have been found. */
function outlivesMs({ failureThreshold, intervalMs }: Policy): number {
  return 2 * failureThreshold * intervalMs;
}
