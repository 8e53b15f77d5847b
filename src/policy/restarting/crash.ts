import { withChild } from '../children.ts';
import type { Event, ExitInfo } from '../event.ts';
import { downDependencies } from '../facts/dependencies.ts';
import type { BackendState, Child, Due, Plan } from '../state.ts';
import { fail, sayOnce } from '../telling/incident.ts';
import {
  beforeFailed,
  crashed,
  gaveUpByPm2,
  heldForDependency,
  limitReached,
  notInRestartOn,
  notStarted,
  trialFailed,
  waits,
} from '../telling/reasons.ts';
import { change, journal, type Turn } from '../turn.ts';
import { nextDelay } from './backoff.ts';
import { countRestarts, isSpent, refund, spend } from './budget.ts';
import { isAllowed } from './restart.ts';

/** Longer than this no line waits for what the logs say of an end. */
export const EXPLAINED_WITHIN_MS = 1_000;
/** PM2's own restarts are 15 s apart at most. */
export const PM2_STARTS_WITHIN_MS = 20_000;
/** One death while a dependency is down may be a coincidence; two without a success in between are none. */
const DEATHS_TO_EXPLAIN = 2;

/**
 * Decides at once on every child that ended by itself: PM2 starts the first one anew after 0.1 s, and our stop has to come before where it
 * is not to. The lines follow as soon as it is known why it ended.
 */
export function decideFallen(turn: Turn): Turn {
  const fallen = turn.state.children.find(({ plan }) => plan.is === 'fallen');
  if (fallen === undefined) return turn;
  const { plan, patch } = fateOf(turn, fallen);
  const untold = fallen.untold && { ...fallen.untold, counted: plan.is === 'run' };
  const decided: Child = { ...fallen, plan, untold, trialSince: plan.is === 'given-up' ? null : fallen.trialSince };
  return decideFallen(change(turn, { ...patch, children: withChild(turn.state.children, decided) }));
}

interface Fate {
  readonly plan: Plan;
  readonly patch: Partial<BackendState>;
}

function fateOf({ state, policy, now }: Turn, child: Child): Fate {
  const why = crashed({ code: child.untold?.code ?? null, signal: null, oom: false, lastError: null }, null);
  const giveUp = (reason: Plan & { is: 'given-up' }): Fate => ({ plan: reason, patch: {} });
  if (!isAllowed('crash', policy)) return { plan: { is: 'parked', due: null, reason: notInRestartOn('crash', why) }, patch: {} };
  if (isDependencysFault(state)) return heldFate(state, policy.backoff.maxMs, now);
  if (child.trialSince !== null) return giveUp({ is: 'given-up', at: now, cause: 'crash', reason: trialFailed(policy, why) });
  if (isSpent(state, policy, now)) {
    const reason = limitReached(countRestarts(state, policy, now), policy, why);
    return giveUp({ is: 'given-up', at: now, cause: 'crash', reason });
  }
  const { delayMs, seed } = nextDelay(state, policy, now);
  if (delayMs === 0 && child.eager && child.phase !== 'errored')
    return { plan: { is: 'run' }, patch: { budget: spend(state.budget, 'crash', policy, now, 0) } };
  // The starts are spaced, not the gaps between them; but the first step of the backoff is kept after the end, too.
  const at = Math.max(child.upAt + delayMs, now + Math.min(delayMs, policy.backoff.initialMs));
  const due: Due = { at, cause: 'crash', reason: why, delayMs, counted: true };
  return { plan: { is: 'parked', due, reason: why }, patch: { seed } };
}

/** What it depends on is known to be down, and it died more than once without a success in between. */
function isDependencysFault(state: BackendState): boolean {
  return (state.deaths?.count ?? 0) >= DEATHS_TO_EXPLAIN && downDependencies(state).length > 0;
}

/** Tried now and then, nothing counted; the first death, which might have been a coincidence, is taken back. */
function heldFate(state: BackendState, maxMs: number, now: number): Fate {
  const { deaths, budget } = state;
  const reason = heldForDependency(downDependencies(state));
  const due: Due = { at: now + maxMs, cause: 'crash', reason, delayMs: maxMs, counted: false, heldFor: 'dependency' };
  const since = deaths === null || deaths.takenBack ? Number.POSITIVE_INFINITY : deaths.since;
  const first = budget.restarts.findLast(({ at, cause }) => cause === 'crash' && at >= since);
  const taken = first === undefined ? {} : { budget: refund(budget, first.at), deaths: deaths && { ...deaths, takenBack: true } };
  return { plan: { is: 'parked', due, reason }, patch: taken };
}

/** A dependency turns out to be down while a start waits, or comes back while one is held for it. */
export function followDependencies(turn: Turn): Turn {
  const { state, policy, now } = turn;
  const isFault = isDependencysFault(state);
  for (const child of state.children) {
    const { plan } = child;
    if (plan.is !== 'parked' || plan.due?.cause !== 'crash' || child.untold !== null) continue;
    const isHeld = plan.due.heldFor !== undefined;
    if (isFault && !isHeld && plan.due.counted) {
      const { plan: held, patch } = heldFate(state, policy.backoff.maxMs, now);
      const next = change(turn, { ...patch, children: withChild(state.children, { ...child, plan: held }) });
      return held.is === 'parked' ? sayOnce(next, 'hold', 'crash', held.reason) : next;
    }
    if (isHeld && downDependencies(state).length === 0 && plan.due.at > now)
      return change(turn, {
        children: withChild(state.children, { ...child, plan: { ...plan, due: { ...plan.due, at: now } } }),
      });
  }
  return turn;
}

/** Why a child ended is known now. */
export function recordExplained(turn: Turn, { incarnation, exit }: Extract<Event, { type: 'explained' }>): Turn {
  const child = turn.state.children.find(({ untold }) => untold?.incarnation === incarnation);
  if (child === undefined || child.untold === null) return turn;
  return change(turn, { children: withChild(turn.state.children, { ...child, untold: { ...child.untold, exit } }) });
}

/** Writes the lines of what ended and is explained; what nobody explains in time is told as it is known. */
export function tellEnds(turn: Turn): Turn {
  const isReady = ({ untold }: Child) => untold !== null && (untold.exit !== null || turn.now - untold.at >= EXPLAINED_WITHIN_MS);
  const child = turn.state.children.find(isReady);
  if (child === undefined || child.untold === null) return turn;
  const { exit, code } = child.untold;
  return tellEnds(tell(turn, child, exit ?? { code, signal: null, oom: false, lastError: null }));
}

function tell(turn: Turn, child: Child, exit: ExitInfo): Turn {
  const { state, policy, now } = turn;
  const lastError = nextLastError(state, exit);
  const why = crashed(exit, lastError);
  const told = change(turn, {
    lastError,
    children: withChild(state.children, { ...child, untold: null, plan: explained(child.plan, why) }),
  });
  const failed = state.blocked === null ? fail(told, 'crash', child.untold?.at ?? now, why) : told;
  switch (child.plan.is) {
    case 'run':
      return child.untold?.counted ? journal(failed, 'restart', 'crash', why) : failed;
    case 'given-up': {
      const over = child.trialSince === null && child.plan.reason.code === 'limit-reached';
      const reason = over ? limitReached(countRestarts(state, policy, now), policy, why) : trialFailed(policy, why);
      return journal(failed, 'give-up', 'crash', reason);
    }
    case 'parked':
      if (child.plan.due === null)
        return state.blocked === null ? journal(failed, 'hold', 'crash', notInRestartOn('crash', why)) : failed;
      if (child.plan.due.heldFor) return sayOnce(failed, 'hold', 'crash', child.plan.reason);
      return child.plan.due.at > now ? journal(failed, 'hold', 'crash', waits(why, child.plan.due.at - now)) : failed;
    default:
      return failed;
  }
}

function explained(plan: Plan, why: Due['reason']): Plan {
  if (plan.is !== 'parked' || plan.due === null || plan.due.heldFor) return plan;
  return { ...plan, reason: why, due: { ...plan.due, reason: why } };
}

function nextLastError({ lastError }: BackendState, { lastError: line }: ExitInfo): BackendState['lastError'] {
  if (line === null) return null;
  return { line, times: lastError?.line === line ? lastError.times + 1 : 1 };
}

/** PM2 gave up on a child, or does not bring it up in its time: its next start is ours, spaced like any other. */
export function mindUnstarted(turn: Turn): Turn {
  const { state, now } = turn;
  const child = state.children.find((one) => isUnstarted(one, now) && one.pmId !== state.operation?.target.pmId);
  if (child === undefined) return turn;
  return startLater(turn, child, child.phase === 'errored' ? gaveUpByPm2() : notStarted());
}

/** What had to be done before its start failed: it is kept stopped, and tried again with the backoff where nobody else does that. */
export function recordStartFailed(turn: Turn, { text, again }: Extract<Event, { type: 'start-failed' }>): Turn {
  const child = turn.state.children.find(({ phase, plan }) => phase === 'waiting' && plan.is === 'run');
  if (child === undefined) return turn;
  const why = beforeFailed(text, again);
  if (again) return startLater(turn, child, why);
  const plan: Plan = { is: 'parked', due: null, reason: why };
  const failed = fail(turn, 'crash', turn.now, why);
  return change(failed, { children: withChild(failed.state.children, { ...child, plan }) });
}

/** It does not run: its next start is due after the backoff, within the limit. */
function startLater(turn: Turn, child: Child, why: Due['reason']): Turn {
  const { state, policy, now } = turn;
  const failed = fail(turn, 'crash', now, why);
  if (isSpent(state, policy, now)) {
    const reason = limitReached(countRestarts(state, policy, now), policy, why);
    const plan: Plan = { is: 'given-up', at: now, cause: 'crash', reason };
    return journal(change(failed, { children: withChild(state.children, { ...child, plan }) }), 'give-up', 'crash', reason);
  }
  const { delayMs, seed } = nextDelay(state, policy, now);
  const due: Due = { at: now + delayMs, cause: 'crash', reason: why, delayMs, counted: true };
  const parked = change(failed, {
    seed,
    children: withChild(state.children, { ...child, plan: { is: 'parked', due, reason: why } }),
  });
  return delayMs > 0 ? journal(parked, 'hold', 'crash', waits(why, delayMs)) : parked;
}

function isUnstarted({ plan, phase, phaseAt }: Child, now: number): boolean {
  if (plan.is !== 'run') return false;
  return phase === 'errored' || phase === 'stopped' || (phase === 'down' && now - phaseAt >= PM2_STARTS_WITHIN_MS);
}

/** Nothing of what it did is counted: the fault was not its own. */
export function refundUntold(state: BackendState): BackendState['budget'] {
  return state.children.reduce((budget, { untold }) => (untold?.counted ? refund(budget, untold.at) : budget), state.budget);
}
