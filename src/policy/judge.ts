import type { Reason } from './action.ts';
import { isSpent } from './budget.ts';
import { areDependenciesStale, downDependencies, isLongDown, isNoticing } from './dependencies.ts';
import { hold } from './incident.ts';
import { overloadBelieved } from './overload.ts';
import type { Policy } from './policy.ts';
import { dependencyDown, notCured, ofVerdict, overloaded, sharedCause, staleAfterDependency, triedAgain } from './reasons.ts';
import { isAllowed, restartNow, wantRestart } from './restart.ts';
import type { BackendState, Due } from './state.ts';
import { type Verdict, verdictOf } from './streak.ts';
import type { Turn } from './turn.ts';

/** After so many restarts for a 503 in a row, each followed by a success too short to last, restarts do not cure it either. */
const BRIEF_CURES = 3;

/** No verdict on a starting backend before its first success, or until it has had its time. */
export function isGateOpen({ cameUpAt, startedAt }: BackendState, { startupTimeoutMs }: Policy, now: number): boolean {
  return cameUpAt !== null || now - startedAt >= startupTimeoutMs;
}

/** Looks at the streak: over the threshold it is a verdict, and that decides. */
export function judge(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const verdict = verdictOf(state.streak, policy);
  if (verdict === null) return turn;
  if (!isGateOpen(state, policy, now)) return judgeWarmUp(turn, verdict);
  return verdict.kind === 'not-ready' ? judge503(turn, verdict) : condemn(turn, verdict, ofVerdict(verdict, state, policy));
}

/** Still starting, and not ready because a dependency is down for good: that is said at once. Nothing else is. */
function judgeWarmUp(turn: Turn, { kind }: Verdict): Turn {
  const down = downDependencies(turn.state);
  if (kind !== 'not-ready' || down.length === 0 || !isLongDown(turn.state, turn.policy)) return turn;
  return hold(turn, 'degraded', '503', turn.state.streak.firstStartedAt, dependencyDown(down, turn.state));
}

/** Which 503: of a dependency, of overload, one that a restart did not cure; else it is broken. */
function judge503(turn: Turn, verdict: Verdict): Turn {
  const { state, policy, now } = turn;
  if (isWaitingForDependencies(state, policy, now)) return turn;
  const held = whyHeld(state, policy, now);
  if (held !== null) return hold(turn, 'degraded', '503', state.streak.firstStartedAt, held);
  if (isCureFailed(state)) return condemn(turn, verdict, triedAgain(policy));
  const isStale = state.hold?.code === 'dependency-down';
  return condemn(turn, verdict, isStale ? staleAfterDependency(state) : ofVerdict(verdict, state, policy));
}

/** Why a 503 is left alone; null: it is not. */
function whyHeld(state: BackendState, policy: Policy, now: number): Reason | null {
  const down = downDependencies(state);
  if (down.length > 0 || isNoticing(state)) return dependencyDown(down, state);
  if (overloadBelieved(state.overloadSince, policy, now)) return overloaded(policy);
  if (!isCureFailed(state)) return null;
  const isTime = now >= (state.cure?.restartedAt ?? 0) + policy.backoff.maxMs;
  return isTime && !isSpent(state, policy, now) ? null : notCured(policy);
}

/** The last restart for a 503 was followed by no success at all, or by too many that did not last. */
function isCureFailed({ cure, cameUpAt }: BackendState): boolean {
  return cure !== null && (cameUpAt === null || cure.brief >= BRIEF_CURES);
}

/** A 503 is not judged by what its dependencies did before it: they are asked afresh, for as long as a check may take. */
function isWaitingForDependencies(state: BackendState, { timeoutMs }: Policy, now: number): boolean {
  return areDependenciesStale(state) && downDependencies(state).length === 0 && now - state.streak.firstFailedAt < timeoutMs;
}

function condemn(turn: Turn, { kind, cause }: Verdict, reason: Reason): Turn {
  return wantRestart(turn, {
    cause,
    how: kind === 'hang' ? 'kill' : 'restart',
    reason,
    failedAt: turn.state.streak.firstStartedAt,
  });
}

/** Down: does what is due when its time has come and nothing speaks against it any more. */
export function settleUnhealthy(turn: Turn): Turn {
  const { state, now } = turn;
  const { due, streak } = state;
  if (state.process === 'up' && (due === null || isCheckCaused(due))) {
    if (streak.successes > 0) return turn;
    const again = judgeAgain(turn);
    if (again !== null) return again;
    if (state.fleet !== null) return holdForFleet(turn, state.fleet);
  }
  return due === null || now < due.at || state.process === 'stopping' ? turn : restartNow(turn, due);
}

/** Checks ask for it, and what they say may yet change. */
export function isCheckCaused({ cause }: Due): boolean {
  return cause === 'hang' || cause === 'unreachable' || cause === '503';
}

/**
 * While it waits, what is wrong may change: a 503 may turn into a hang, or its dependency go down.
 * null: what is due, or held, still is what the checks ask for.
 */
function judgeAgain(turn: Turn): Turn | null {
  const { state, policy, now } = turn;
  const verdict = verdictOf(state.streak, policy);
  if (verdict === null) return null;
  const aim = state.due?.cause ?? null;
  if (verdict.cause !== aim) {
    const isHeldAnyway = aim === null && (!isAllowed(verdict.cause, policy) || policy.maxRestarts === 0);
    return isHeldAnyway ? null : judge(turn);
  }
  const held = verdict.kind === 'not-ready' ? whyHeld(state, policy, now) : null;
  return held === null ? null : hold(turn, 'degraded', '503', state.streak.firstStartedAt, held);
}

/** The fleet has seen many go bad at once, or still looks. `wait` is for an instant and is not worth a line. */
function holdForFleet(turn: Turn, { word, reason }: NonNullable<BackendState['fleet']>): Turn {
  const { due, streak } = turn.state;
  if (word === 'wait' || due === null) return turn;
  return hold(turn, 'unhealthy', due.cause, streak.firstStartedAt, sharedCause(reason), due);
}
