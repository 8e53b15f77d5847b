import type { Reason } from '../action.ts';
import { answering, isRestarting } from '../children.ts';
import { areDependenciesStale, downDependencies, isLongDown, isNoticing } from '../facts/dependencies.ts';
import type { Policy } from '../policy.ts';
import { isSpent } from '../restarting/budget.ts';
import { LOOK_PATIENCE_MS } from '../restarting/parked.ts';
import { isAllowed, restartNow, wantRestart } from '../restarting/restart.ts';
import type { BackendState, Checks, Due, Failures } from '../state.ts';
import { hold } from '../telling/incident.ts';
import {
  dependencyDown,
  misconfigured,
  notCured,
  ofVerdict,
  overloaded,
  sharedCause,
  staleAfterDependency,
  triedAgain,
} from '../telling/reasons.ts';
import { judged, type Turn } from '../turn.ts';
import { isCheckCaused } from './check-caused.ts';
import { isOverloadBelieved } from './overload.ts';
import { settleWell } from './settle-well.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What starts together has its first seconds: a database that is not up yet is no incident. */
const WARM_UP_MS = 10_000;
/** After so many restarts for a 503 in a row, each followed by a success too short to last, restarts do not cure it either. */
const BRIEF_CURES = 3;

/** What the checks of the children that run now amount to, and what follows: nothing, a hold, or a restart. */
export function judge(turn: Turn): Turn {
  const { state } = turn;
  if (isRestarting(state.operation) || answering(state).length === 0) return turn;
  if (state.failures !== null) return judgeFailures(turn, state.failures);
  if (state.judgement.name === 'unchecked') return settleWell(turn);
  if (state.checks.odd !== null) return judgeOdd(turn, state.checks.odd);
  return state.checks.successes > 0 ? judgeWell(turn) : carryOut(turn);
}

/** It answers, but what is asked cannot tell: said as soon as that is no chance. */
function judgeOdd(turn: Turn, { count, text }: NonNullable<Checks['odd']>): Turn {
  if (count < turn.policy.failureThreshold) return turn;
  return hold(turn, { name: 'misconfigured', hold: misconfigured(text) }, null, turn.now);
}

/** Healthy again after `success_threshold` successes, or after one if it never was down. What its processes ask for is not off by it. */
function judgeWell(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const { judgement, incident, checks } = state;
  if (judgement.name === 'unhealthy' && judgement.due?.lasting) return carryOut(turn);
  if (checks.successes < (incident === null ? 1 : policy.successThreshold)) return turn;
  const wellSince = 'wellSince' in judgement ? (judgement.wellSince ?? now) : now;
  return settleWell(judged(turn, { name: 'healthy', wellSince }));
}

function judgeFailures(turn: Turn, failures: Failures): Turn {
  const { state, policy, now } = turn;
  const verdict = verdictOf(failures, policy);
  if (verdict === null) return grow(turn);
  if (!isGateOpen(state, policy, now)) return judgeWarmUp(turn, verdict, failures);
  const { judgement } = state;
  if (judgement.name === 'unhealthy' && !isNews(turn, judgement.due, verdict)) return carryOut(turn);
  if (isWaitingToKnow(state, policy, failures, now)) return judgement.name === 'unhealthy' ? turn : grow(turn);
  const held = whyHeld(state, policy, verdict, now);
  if (held !== null) return hold(turn, { name: 'degraded', hold: held }, verdict.cause, failures.firstStartedAt);
  return condemn(turn, verdict, failures);
}

/** In a start, failures count as suspicion only after the first success. */
function grow(turn: Turn): Turn {
  const { judgement, checks } = turn.state;
  if (judgement.name === 'unhealthy') return carryOut(turn);
  if (checks.cameUpAt === null || judgement.name === 'degraded' || judgement.name === 'suspect') return turn;
  return judged(turn, { name: 'suspect', wellSince: 'wellSince' in judgement ? judgement.wellSince : null });
}

/** No verdict before it is known that one of those that run has come up, or one of them has had its time to. */
function isGateOpen(state: BackendState, { startupTimeoutMs }: Policy, now: number): boolean {
  const { provenAt, goneAt, cameUpAt } = state.checks;
  if (now >= gateOpensAt(state, startupTimeoutMs) || (provenAt !== null && (goneAt === null || provenAt > goneAt))) return true;
  // Whoever answers listens: as one of these has come up, it is not held back until the next success.
  return cameUpAt !== null && (state.failures?.kind === 'error' || state.failures?.kind === 'not-ready');
}

export function gateOpensAt(state: BackendState, startupTimeoutMs: number): number {
  return answering(state).reduce((earliest, { upAt }) => Math.min(earliest, upAt), Number.POSITIVE_INFINITY) + startupTimeoutMs;
}

/** Still starting, and not ready because a dependency is down for good, not just starting with it: that is said. Nothing else is. */
function judgeWarmUp(turn: Turn, { kind, cause }: Verdict, { firstStartedAt }: Failures): Turn {
  const down = downDependencies(turn.state);
  if (turn.now < gateOpensAt(turn.state, WARM_UP_MS)) return turn;
  if ((kind !== 'not-ready' && kind !== 'error') || down.length === 0 || !isLongDown(turn.state, turn.policy)) return turn;
  return hold(turn, { name: 'degraded', hold: dependencyDown(down, turn.state) }, cause, firstStartedAt);
}

/**
 * Not judged by what was known before it: its processes and its port are looked at afresh, as PM2 may just be ending it, and for a 503 its
 * dependencies. But not for long: what hangs must not be able to hide behind a slow PM2.
 */
function isWaitingToKnow(state: BackendState, { timeoutMs }: Policy, failures: Failures, now: number): boolean {
  const waitedMs = now - failures.firstFailedAt;
  if ((state.lookedAt === null || state.lookedAt < failures.firstFailedAt) && waitedMs < LOOK_PATIENCE_MS) return true;
  const wantsReason = failures.kind === 'not-ready' || failures.kind === 'error' || failures.kind === 'silent';
  return wantsReason && areDependenciesStale(state) && downDependencies(state).length === 0 && waitedMs < timeoutMs;
}

/**
 * Why a backend that answers is left alone; null: it is not. So is one whose heartbeat stopped: many a worker does nothing else than wait for
 * its broker; when that is back it has as long as for a start.
 */
function whyHeld(state: BackendState, policy: Policy, { kind }: Verdict, now: number): Reason | null {
  if (kind !== 'not-ready' && kind !== 'error' && kind !== 'silent') return null;
  const down = downDependencies(state);
  if (down.length > 0 || isNoticing(state)) return dependencyDown(down, state);
  if (kind === 'silent' && isNoticing(state, policy.startupTimeoutMs)) return dependencyDown(down, state);
  if (kind !== 'not-ready') return null;
  if (isOverloadBelieved(state, now)) return overloaded(policy);
  if (!isCureFailed(state)) return null;
  return now >= triedAgainAt(state, policy) && !isSpent(state, policy, now) ? null : notCured(policy);
}

/** When what a restart did not cure is tried again. */
export function triedAgainAt({ cure }: BackendState, { backoff }: Policy): number {
  return (cure?.restartedAt ?? 0) + backoff.maxMs;
}

/** The last restart for a 503 was followed by no success at all, or by too many that did not last. */
function isCureFailed({ cure, checks }: BackendState): boolean {
  return cure !== null && (checks.cameUpAt === null || cure.brief >= BRIEF_CURES);
}

function condemn(turn: Turn, verdict: Verdict, { firstStartedAt }: Failures): Turn {
  const { state, policy } = turn;
  const { judgement } = state;
  const wasHeldFor = judgement.name === 'degraded' ? judgement.hold.code : null;
  const isStale = verdict.kind === 'not-ready' && wasHeldFor === 'dependency-down';
  const again = verdict.kind === 'not-ready' && isCureFailed(state);
  const reason = again ? triedAgain(policy) : isStale ? staleAfterDependency(state) : ofVerdict(verdict, state, policy);
  return wantRestart(turn, { cause: verdict.cause, reason, failedAt: firstStartedAt, kill: verdict.kind === 'hang' });
}

/** While it waits, what is wrong may change: a 503 may turn into a hang, or its dependency go down. */
function isNews({ state, policy, now }: Turn, due: Due | null, verdict: Verdict): boolean {
  if (due?.cause === verdict.cause) return whyHeld(state, policy, verdict, now) !== null;
  if (due !== null) return true;
  return isAllowed(verdict.cause, policy) && policy.maxRestarts > 0;
}

/** Down: does what is due when its time has come and the fleet does not speak against it. */
function carryOut(turn: Turn): Turn {
  const { judgement, fleet, failures } = turn.state;
  if (judgement.name !== 'unhealthy' || judgement.due === null) return turn;
  const { due } = judgement;
  if (fleet !== null && isCheckCaused(due)) {
    // `wait` is for an instant and is not worth a line.
    if (fleet.word === 'wait') return turn;
    const held = { name: 'unhealthy', due, hold: sharedCause(fleet.reason) } as const;
    return hold(turn, held, due.cause, failures?.firstStartedAt ?? turn.now);
  }
  return turn.now < due.at ? turn : restartNow(turn, due);
}
