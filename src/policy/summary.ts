import { countRestarts } from './budget.ts';
import { downDependencies } from './dependencies.ts';
import { explainLine } from './explain-exit.ts';
import type { Policy } from './policy.ts';
import type { BackendState } from './state.ts';
import type { StateName } from './state-name.ts';

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
  return {
    state: state.name,
    forMs: Math.round(now - state.since),
    consecutiveFailures: state.streak.failures,
    lastFailure: state.streak.failures > 0 ? state.streak.text : null,
    lastError: state.lastError && { text: explainLine(state.lastError.line), times: state.lastError.times },
    restarts: countRestarts(state, policy, now),
    maxRestarts: policy.maxRestarts,
    sinceRestartMs: state.lastRestartAt === null ? null : Math.round(now - state.lastRestartAt),
    held: state.hold?.text ?? state.due?.reason.text ?? null,
    dueInMs: dueIn(state, policy, now),
    onTrial: state.trialSince !== null,
    parked: state.name !== 'stopped' && (state.process === 'parked' || state.process === 'stopping'),
    dependenciesDown: downDependencies(state),
    incident: state.incident?.number ?? null,
  };
}

function dueIn(state: BackendState, policy: Policy, now: number): number | null {
  const at = dueAt(state, policy);
  return at === null ? null : Math.max(0, Math.round(at - now));
}

function dueAt({ name, since, due, pause, hold, cure }: BackendState, policy: Policy): number | null {
  if (name === 'paused') return pause?.until ?? null;
  if (name === 'exhausted') return policy.coolDownMs === null || policy.maxRestarts === 0 ? null : since + policy.coolDownMs;
  if (name === 'degraded' && hold?.code === 'restart-does-not-cure' && cure !== null)
    return cure.restartedAt + policy.backoff.maxMs;
  return due?.at ?? null;
}
