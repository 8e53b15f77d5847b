import type { Reason } from '../action.ts';
import { answering } from '../children.ts';
import { downDependencies } from '../facts/dependencies.ts';
import { triedAgainAt } from '../judging/judge.ts';
import type { Policy } from '../policy.ts';
import { countRestarts } from '../restarting/budget.ts';
import { trialAt } from '../restarting/parked.ts';
import type { BackendState, Child } from '../state.ts';
import type { StateName } from '../state-name.ts';
import { explainLine } from './explain-exit.ts';

/** What people and metrics are told of a state: plain facts, times in whole ms from now. */
export interface Summary {
  readonly state: StateName;
  readonly forMs: number;
  readonly consecutiveFailures: number;
  /** What the last failure looked like; null: the last check was well. */
  readonly lastFailure: string | null;
  /** What the error log said at its last crash, in plain words, and at how many in a row; null: nothing, or it has been well since. */
  readonly lastError: { readonly text: string; readonly times: number } | null;
  /** Counted against the limit. */
  readonly restarts: number;
  readonly maxRestarts: number;
  /** Of any cause, an operator's too; null: none seen. */
  readonly sinceRestartMs: number | null;
  /** Why nothing is done, or why it waits. */
  readonly held: string | null;
  /** Until something is due: a restart, the trial after the cool-down, the end of a pause. */
  readonly dueInMs: number | null;
  readonly onTrial: boolean;
  /** Lifeguard itself has stopped it; only lifeguard starts it. */
  readonly parked: boolean;
  readonly dependenciesDown: readonly string[];
  /** The incident that is open; null: none. */
  readonly incident: number | null;
}

export function summary(state: BackendState, policy: Policy, now: number): Summary {
  const due = dueAt(state, policy);
  return {
    state: state.name,
    forMs: Math.round(now - state.since),
    consecutiveFailures: state.failures?.count ?? 0,
    lastFailure: state.failures?.text ?? null,
    lastError: state.lastError && { text: explainLine(state.lastError.line), times: state.lastError.times },
    restarts: countRestarts(state, policy, now),
    maxRestarts: policy.maxRestarts,
    sinceRestartMs: state.budget.lastAt === null ? null : Math.round(now - state.budget.lastAt),
    held: heldFor(state)?.text ?? null,
    dueInMs: due === null ? null : Math.max(0, Math.round(due - now)),
    onTrial: state.children.some(({ trialSince }) => trialSince !== null),
    parked: state.children.length > 0 && state.children.every(isKept),
    dependenciesDown: downDependencies(state),
    incident: state.incident?.number ?? null,
  };
}

function isKept({ plan }: Child): boolean {
  return plan.is === 'parked' || plan.is === 'given-up';
}

/** Of the service first, then of a child that is down while others serve. */
function heldFor({ name, blocked, judgement, children, operation }: BackendState): Reason | null {
  if (name === 'stopped') return null;
  if (blocked !== null) return blocked;
  if ('hold' in judgement && judgement.hold !== null && name === judgement.name) return judgement.hold;
  if (judgement.name === 'unhealthy' && judgement.due !== null && name === 'unhealthy') return judgement.due.reason;
  if (operation !== null) return operation.reason;
  const { plan } = children.find(isKept) ?? {};
  return plan?.is === 'parked' || plan?.is === 'given-up' ? plan.reason : null;
}

function dueAt(state: BackendState, policy: Policy): number | null {
  const { name, pause, judgement } = state;
  if (name === 'paused') return pause?.until ?? null;
  if (judgement.name === name && judgement.name === 'degraded')
    return judgement.hold.code === 'restart-does-not-cure' && state.cure !== null ? triedAgainAt(state, policy) : null;
  if (judgement.name === name && judgement.name === 'unhealthy' && answering(state).length > 0) return judgement.due?.at ?? null;
  const times = state.children.flatMap(({ plan }) => {
    if (plan.is === 'parked') return plan.due?.at ?? [];
    return plan.is === 'given-up' ? (trialAt(plan, policy) ?? []) : [];
  });
  return times.length === 0 ? null : Math.min(...times);
}
