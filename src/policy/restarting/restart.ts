import type { Reason } from '../action.ts';
import { answering, planned } from '../children.ts';
import type { Cause, Policy } from '../policy.ts';
import type { Child, Due, Plan } from '../state.ts';
import { fail, hold } from '../telling/incident.ts';
import { limitReached, neverRestarted, notInRestartOn, trialFailed, waits } from '../telling/reasons.ts';
import { change, journal, judged, type Turn } from '../turn.ts';
import { nextDelay } from './backoff.ts';
import { countRestarts, isSpent, spend } from './budget.ts';
import { begin, isFree, targetOf } from './operation.ts';

/** A restart of what runs that something calls for; whether and when it comes is decided here. */
export interface Wanted {
  readonly cause: Exclude<Cause, 'crash' | 'operator'>;
  readonly reason: Reason;
  /** The backoff counts from the failure, so that the time it took to be sure is not added to it. */
  readonly failedAt: number;
  /** It hangs, and would not hear a signal. */
  readonly kill?: boolean;
  /** Found by looking at its processes: a check that is well does not call it off. */
  readonly lasting?: true;
}

/** Down: a restart falls due after its backoff, unless `restart.on` leaves this cause out, the trial failed or the limit is reached. */
export function wantRestart(turn: Turn, { cause, reason, failedAt, kill = false, lasting }: Wanted): Turn {
  const down = fail(judged(turn, { name: 'unhealthy', due: null, hold: null }), cause, failedAt, reason);
  const { state, policy, now } = down;
  const held = !isAllowed(cause, policy)
    ? notInRestartOn(cause, reason)
    : policy.maxRestarts === 0
      ? neverRestarted(reason)
      : null;
  if (held !== null) return hold(down, { name: 'unhealthy', due: null, hold: held }, cause, failedAt);
  if (answering(state).some(({ trialSince }) => trialSince !== null)) return giveUp(down, cause, trialFailed(policy, reason));
  if (isSpent(state, policy, now)) return giveUp(down, cause, limitReached(countRestarts(state, policy, now), policy, reason));
  const { delayMs, seed } = nextDelay(state, policy, now);
  const startAt = Math.max(failedAt + delayMs, now);
  const isHang = cause === 'hang' && !lasting;
  // What hangs only keeps its clients waiting: it is ended at once, whatever its next start waits for.
  const due: Due = {
    at: isHang ? now : startAt,
    cause,
    reason,
    delayMs,
    counted: true,
    ...(kill && { kill: true as const }),
    ...(lasting && { lasting }),
    ...(isHang && { startAt }),
  };
  const wanted = judged(change(down, { seed }), { name: 'unhealthy', due, hold: null });
  return startAt > now ? journal(wanted, 'hold', cause, waits(reason, startAt - now)) : wanted;
}

/** Does what is due, once more within the limit, with all that could have answered. */
export function restartNow(turn: Turn, due: Due): Turn {
  const { state, policy, now } = turn;
  const { cause, reason, delayMs, kill, startAt } = due;
  if (isSpent(state, policy, now)) return giveUp(turn, cause, limitReached(countRestarts(state, policy, now), policy, reason));
  const targets = grownOf(answering(state), policy, now);
  if (targets.length === 0 || !isFree(turn)) return turn;
  const idle = judged(turn, { name: 'unhealthy', due: null, hold: null });
  if (startAt !== undefined && startAt > now) {
    const plan: Plan = { is: 'parked', due: { ...due, at: startAt }, reason, ...(kill && { kill }) };
    return change(idle, { children: planned(state.children, (child) => (targets.includes(child) ? plan : null)) });
  }
  const cure = cause === '503' ? { restartedAt: now, brief: (state.cure?.brief ?? 0) + 1 } : state.cure;
  const counted = change(idle, { budget: spend(state.budget, cause, policy, now, delayMs), cure });
  const gentle = policy.instances > 1 ? 'reload' : 'restart';
  const kind = kill ? 'kill' : gentle;
  return begin(counted, { kind, cause, reason, targets: targets.map(targetOf), line: cause });
}

/** Without those that are still starting beside others: what is wrong was seen of the others, and these are the first to be back. */
function grownOf(children: readonly Child[], { startupTimeoutMs }: Policy, now: number): readonly Child[] {
  const grown = children.filter(({ upAt }) => now - upAt >= startupTimeoutMs);
  return grown.length > 0 ? grown : children;
}

/** Over, for all its children: stopped until the cool-down has passed or an operator resets it. */
export function giveUp(turn: Turn, cause: Cause, reason: Reason): Turn {
  const plan: Plan = { is: 'given-up', at: turn.now, cause, reason };
  const children = planned(turn.state.children, (child) => (child.plan.is === 'left' ? null : plan)).map((child) =>
    child.plan === plan && child.trialSince !== null ? { ...child, trialSince: null } : child,
  );
  return journal(judged(change(turn, { children, cure: null }), { name: 'starting' }), 'give-up', cause, reason);
}

/** `memory` and `cpu` follow from max_memory and max_cpu and an operator from nothing; the others are what `restart.on` names. */
export function isAllowed(cause: Cause, { restartOn }: Policy): boolean {
  return cause === 'memory' || cause === 'cpu' || cause === 'operator' || restartOn.includes(cause);
}
