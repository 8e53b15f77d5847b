import type { Reason } from '../action.ts';
import { isThere, withChild } from '../children.ts';
import type { Cause, Policy } from '../policy.ts';
import type { Child, Due, Plan } from '../state.ts';
import { byOperator, coolDownOver, limitReached } from '../telling/reasons.ts';
import { change, journal, type Turn } from '../turn.ts';
import { countRestarts, isSpent, spend } from './budget.ts';
import { begin, isFree, leaveDown, targetOf } from './operation.ts';

/** What is known of PM2 and the port before a start may be this old. */
export const FRESH_LOOK_MS = 500;
/** A start waits no longer than this for a fresh look: PM2's list can take long. */
export const LOOK_PATIENCE_MS = 2_000;

/** Has PM2 stop what is to stand still: also when PM2 was quicker and started it, or when it did not do it the last time. */
export function keepStopped(turn: Turn): Turn {
  const { children, operation, pause } = turn.state;
  const isDown = (child: Child) =>
    child.phase === 'down' && child.stopAsked === null && operation?.target.incarnation !== child.incarnation;
  const down = children.find((child) => isToBeStopped(child) && isDown(child));
  if (down !== undefined) {
    const { cause, reason } = whyStopped(down);
    return keepStopped(leaveDown(turn, down, cause, reason));
  }
  const mayGoOn = (child: Child) => isUpInTime(child) && isDue(child, turn.now, pause !== null);
  const up = children.find((child) => isToBeStopped(child) && isThere(child) && child.stopAsked === null && !mayGoOn(child));
  if (up === undefined || !isFree(turn)) return turn;
  return begin(turn, { ...whyStopped(up), targets: [targetOf(up)] });
}

function whyStopped({ plan, phase }: Child): { kind: 'stop' | 'halt'; cause: Cause; reason: Reason } {
  if (plan.is === 'parked') {
    const kind = plan.kill && phase === 'up' ? 'halt' : 'stop';
    return { kind, cause: plan.due?.cause ?? 'crash', reason: plan.reason };
  }
  if (plan.is === 'given-up') {
    const kind = plan.cause === 'hang' && phase === 'up' ? 'halt' : 'stop';
    return { kind, cause: plan.cause, reason: plan.reason };
  }
  return { kind: 'stop', cause: 'operator', reason: STOPPED_BY_HAND };
}

const STOPPED_BY_HAND = byOperator('An operator stopped it while it was being started.');

function isToBeStopped({ plan, phase }: Child): boolean {
  if (plan.is === 'left') return isThere({ phase });
  return (plan.is === 'parked' || plan.is === 'given-up') && (isThere({ phase }) || phase === 'down');
}

/** Starts what is due, one child after the other, once it is known that nothing is in its way. */
export function startDue(turn: Turn): Turn {
  const { blocked, orphanAskedAt, pause } = turn.state;
  if (blocked !== null || orphanAskedAt !== null) return turn;
  const child = turn.state.children.find((one) => isDue(one, turn.now, pause !== null));
  if (child === undefined || child.plan.is !== 'parked' || child.plan.due === null) return turn;
  // PM2 was quicker, and counted for it.
  if (isUpInTime(child) && turn.state.operation?.target.pmId !== child.pmId)
    return change(turn, { children: withChild(turn.state.children, { ...child, plan: { is: 'run' } }) });
  if (!isFree(turn) || !isStandingStill(child) || !isLookFresh(turn, child.plan.due)) return turn;
  return startNow(turn, child, child.plan.due);
}

/** It runs although it was to stand still: PM2 was quicker, or would not stop it. */
function isUpInTime({ phase, plan }: Child): boolean {
  return phase === 'up' && plan.is === 'parked' && !plan.kill;
}

function isStandingStill({ phase, stopAsked }: Child): boolean {
  return stopAsked === null && (phase === 'stopped' || phase === 'errored');
}

function startNow(turn: Turn, child: Child, { cause, reason, delayMs, counted }: Due): Turn {
  const { state, policy, now } = turn;
  if (counted && isSpent(state, policy, now)) {
    const why = limitReached(countRestarts(state, policy, now), policy, reason);
    const plan: Plan = { is: 'given-up', at: now, cause, reason: why };
    return journal(change(turn, { children: withChild(state.children, { ...child, plan }) }), 'give-up', cause, why);
  }
  const budget = counted ? spend(state.budget, cause, policy, now, delayMs) : { ...state.budget, lastAt: now };
  const line = reason.code === 'port-free' ? null : cause;
  return begin(change(turn, { budget }), { kind: 'start', cause, reason, targets: [targetOf(child)], line });
}

/** In a pause only what an operator asked for. */
function isDue({ plan, untold }: Child, now: number, paused: boolean): boolean {
  if (plan.is !== 'parked' || plan.due === null || plan.due.at > now || untold !== null) return false;
  return !paused || plan.due.cause === 'operator';
}

function isLookFresh({ state: { lookedAt }, now }: Turn, { at }: Due): boolean {
  return (lookedAt !== null && lookedAt >= at - FRESH_LOOK_MS) || now - at >= LOOK_PATIENCE_MS;
}

/** The cool-down is over: one trial, of all that were given up together. */
export function tryAfterCoolDown(turn: Turn): Turn {
  const { state, policy, now } = turn;
  if (!isFree(turn) || state.blocked !== null) return turn;
  const due = state.children.filter((child) => child.phase !== 'up' && isTrialDue(child, policy, now));
  const [first] = due;
  if (first === undefined || first.plan.is !== 'given-up') return turn;
  const { cause } = first.plan;
  const reason = coolDownOver(policy);
  const children = state.children.map((child): Child => {
    if (!due.includes(child)) return child;
    const plan: Plan = { is: 'parked', due: { at: now, cause, reason, delayMs: 0, counted: false }, reason };
    return { ...child, trialSince: now, plan };
  });
  const counted = change(turn, { children, budget: spend(state.budget, cause, policy, now) });
  return begin(counted, { kind: 'start', cause, reason, targets: due.map(targetOf), line: cause });
}

function isTrialDue({ plan }: Child, policy: Policy, now: number): boolean {
  const at = plan.is === 'given-up' ? trialAt(plan, policy) : null;
  return at !== null && now >= at;
}

/** When a child that was given up has its trial; null: not before an operator resets it. */
export function trialAt({ at }: Extract<Plan, { is: 'given-up' }>, { coolDownMs, maxRestarts }: Policy): number | null {
  return coolDownMs === null || maxRestarts === 0 ? null : at + coolDownMs;
}
