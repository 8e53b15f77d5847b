import { answering, isThere } from '../children.ts';
import { isCheckCaused } from '../judging/check-caused.ts';
import { gateOpensAt } from '../judging/judge.ts';
import { settlesAt } from '../judging/settle-well.ts';
import type { Policy } from '../policy.ts';
import { EXPLAINED_WITHIN_MS, PM2_STARTS_WITHIN_MS } from '../restarting/crash.ts';
import { operationEndsAt } from '../restarting/operation.ts';
import { LOOK_PATIENCE_MS, trialAt } from '../restarting/parked.ts';
import type { BackendState, Child } from '../state.ts';

/** What no time of its own is known for is looked at again this often: a hold whose reason may have gone, a wait for a dependency. */
const LOOK_AGAIN_MS = 1_000;

/** The fleet answers within half an interval; it must not be asked much later. */
const FLEET_WAIT_MS = 100;

/** In how many ms a `tick` is due because time alone may change something; null: only an event can. A tick too many does no harm. */
export function nextTickMs(state: BackendState, policy: Policy, now: number): number | null {
  let at = state.pause?.until ?? Number.POSITIVE_INFINITY;
  if (state.operation !== null) at = Math.min(at, operationEndsAt(state.operation, policy));
  if (state.pause === null) at = Math.min(at, whenUnpaused(state, policy, now));
  if (at === Number.POSITIVE_INFINITY) return null;
  // What is due already was done just now, or waits for something that is told.
  return at > now ? Math.ceil(at - now) : LOOK_AGAIN_MS;
}

function whenUnpaused(state: BackendState, policy: Policy, now: number): number {
  let at = answering(state).length > 0 ? (whenJudged(state, policy, now) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  if (state.retryAt !== null && state.retryAt > now) at = Math.min(at, state.retryAt);
  for (const child of state.children) at = Math.min(at, ofChild(child, policy, now) ?? Number.POSITIVE_INFINITY);
  return at;
}

function whenJudged(state: BackendState, policy: Policy, now: number): number | null {
  const { judgement, failures } = state;
  switch (judgement.name) {
    case 'healthy':
    case 'unchecked':
      return settlesAt(state, policy);
    case 'starting': {
      const gateAt = gateOpensAt(state, policy.startupTimeoutMs);
      return gateAt > now ? gateAt : now + LOOK_AGAIN_MS;
    }
    case 'misconfigured':
      return null;
    case 'suspect':
    case 'degraded':
      return failures === null ? null : now + LOOK_AGAIN_MS;
    case 'unhealthy': {
      if (state.fleet?.word === 'wait') return now + FLEET_WAIT_MS;
      const { due } = judgement;
      if (due === null || due.at <= now) return now + LOOK_AGAIN_MS;
      return isCheckCaused(due) ? Math.min(due.at, now + LOOK_AGAIN_MS) : due.at;
    }
  }
}

function ofChild({ plan, phase, phaseAt, untold, stopAsked }: Child, policy: Policy, now: number): number | null {
  const untoldAt = untold === null ? Number.POSITIVE_INFINITY : untold.at + EXPLAINED_WITHIN_MS;
  const at = ofPlan({ plan, phase, phaseAt }, policy, now) ?? Number.POSITIVE_INFINITY;
  const earliest = Math.min(at, untoldAt, stopAsked?.until ?? Number.POSITIVE_INFINITY);
  return earliest === Number.POSITIVE_INFINITY ? null : earliest;
}

function ofPlan({ plan, phase, phaseAt }: Pick<Child, 'plan' | 'phase' | 'phaseAt'>, policy: Policy, now: number): number | null {
  switch (plan.is) {
    case 'run':
      return phase === 'down' ? phaseAt + PM2_STARTS_WITHIN_MS : null;
    case 'parked': {
      if (isThere({ phase }) || phase === 'down') return now + LOOK_AGAIN_MS;
      if (plan.due === null) return null;
      return plan.due.at > now ? plan.due.at : Math.min(now + LOOK_AGAIN_MS, Math.max(now, plan.due.at + LOOK_PATIENCE_MS));
    }
    case 'given-up':
      return isThere({ phase }) || phase === 'down' ? now + LOOK_AGAIN_MS : trialAt(plan, policy);
    case 'fallen':
    case 'left':
      return null;
  }
}
