import { answering, isRestarting, isThere, withChild } from '../children.ts';
import type { Ended, Event, SeenChild } from '../event.ts';
import { isCheckCaused } from '../judging/check-caused.ts';
import { spend } from '../restarting/budget.ts';
import { type BackendState, type Child, FRESH_BUDGET, type Judgement, NO_CHECKS, type Plan } from '../state.ts';
import { closeDone } from '../telling/incident.ts';
import { startedTooSoon } from '../telling/reasons.ts';
import { change, journal, type Turn } from '../turn.ts';

type Processes = Extract<Event, { type: 'processes' }>;

/** Takes in all that is known of the processes now, and what ended. The same told twice, late or in one go comes to the same. */
export function recordProcesses(turn: Turn, { children, ended, byHand }: Processes): Turn {
  // What a job leaves behind when it is done is no end by itself.
  const isDone = ({ incarnation }: Ended) => children.some((seen) => seen.completed && seen.incarnation === incarnation);
  const told = byHand.reduce(leave, ended.filter((end) => !isDone(end)).reduce(recordEnd, turn));
  const known = new Map(told.state.children.map((child) => [child.pmId, child]));
  // Whoever is told of one of them meanwhile is told how all of them are.
  const still = change(told, { children: children.flatMap(({ pmId }) => known.get(pmId) ?? []) });
  const merged = inOrder(
    children.reduce((next, seen) => takeIn(next, seen, known.get(seen.pmId)), still),
    children,
  );
  const isSame =
    merged.state.children.length === turn.state.children.length &&
    merged.state.children.every((child, i) => child === turn.state.children[i]);
  return beginAnew(isSame ? change(merged, { children: turn.state.children }) : noteGone(merged, known));
}

/** Of those that could answer one is gone: an earlier success may have been its. */
function noteGone(turn: Turn, known: ReadonlyMap<number, Child>): Turn {
  const after = new Map(turn.state.children.map((child) => [child.pmId, child]));
  const isGone = (child: Child): boolean => {
    const now = after.get(child.pmId);
    return canAnswer(child) && (now?.incarnation !== child.incarnation || !canAnswer(now));
  };
  return [...known.values()].some(isGone) ? change(turn, { checks: { ...turn.state.checks, goneAt: turn.now } }) : turn;
}

/** One that is being stopped serves on for a while. */
function canAnswer({ phase }: Child): boolean {
  return phase === 'up' || phase === 'stopping';
}

/** Whose doing an end was: ours, if an operation is at that very process; somebody's who asked PM2; else it ended by itself. */
function recordEnd(turn: Turn, { pmId, incarnation, asked, code }: Ended): Turn {
  const { state, now } = turn;
  const child = state.children.find((one) => one.pmId === pmId);
  if (child === undefined) return turn;
  const isOurs = state.operation?.target.incarnation === incarnation;
  const isToldAgain = child.incarnation === incarnation && !isThere(child) && child.phase !== 'stopping';
  if (isOurs || asked || isToldAgain) return turn;
  // One that came and went between two looks: PM2 was quicker than our stop, and it counts as any other start.
  const quick = child.incarnation === incarnation ? turn : startedByPm2(turn, child);
  if (child.plan.is !== 'run') return quick;
  const fallen: Child = {
    ...child,
    plan: { is: 'fallen', at: now },
    untold: { at: now, incarnation, code, exit: null, counted: false },
  };
  const before = state.deaths ?? { count: 0, since: now, takenBack: false };
  const deaths = { ...before, count: before.count + 1 };
  return change(quick, { deaths, children: withChild(quick.state.children, fallen) });
}

function left({ now }: Turn): Plan {
  return { is: 'left', at: now };
}

function takeIn(turn: Turn, { completed = false, ...seen }: SeenChild, child: Child | undefined): Turn {
  const { now } = turn;
  if (completed) return complete(turn, seen, child);
  if (child === undefined) {
    const plan: Plan = seen.phase === 'stopped' ? left(turn) : RUN;
    return add(turn, { ...seen, phaseAt: now, plan, untold: null, trialSince: null, stopAsked: null, lateUntil: null });
  }
  // Of an earlier boot: it has not been done since.
  if (child.plan.is === 'left' && child.plan.completed && !isThere(seen))
    return add(turn, { ...child, ...seen, plan: left(turn) });
  if (seen.incarnation === child.incarnation && seen.phase === child.phase) {
    return add(turn, seen.eager === child.eager ? child : { ...child, eager: seen.eager });
  }
  const next: Child = { ...child, ...seen, phaseAt: seen.phase === child.phase ? child.phaseAt : now };
  // Its stop was told, and it runs all the same: whoever started it again has the last word.
  if (child.plan.is === 'left' && seen.phase === 'up' && seen.incarnation === child.incarnation)
    return add(turn, { ...next, plan: RUN });
  if (seen.incarnation !== child.incarnation && isThere(seen)) return comeUp(turn, next, child);
  return add(turn, isLeft(turn.state, next) ? { ...next, plan: left(turn) } : next);
}

/** A job that has ended well: nothing is to be done about it, and what went wrong with it before is over. */
function complete(turn: Turn, seen: Omit<SeenChild, 'completed'>, child: Child | undefined): Turn {
  const isSame = child?.phase === seen.phase && child.incarnation === seen.incarnation;
  if (isSame && child.plan.is === 'left' && child.plan.completed) return add(turn, child);
  const rest = {
    phaseAt: turn.now,
    plan: { ...left(turn), completed: true } as const,
    untold: null,
    trialSince: null,
    stopAsked: null,
    lateUntil: null,
  };
  return closeDone(add(change(turn, { deaths: null, failures: null, cure: null }), { ...seen, ...rest }));
}

/** PM2 starts what it restarts so soon after its end, also when it is busy. */
const OURS_WITHIN_MS = 2_000;

const RUN: Plan = { is: 'run' };

/** An operator stopped it, whatever we meant to do with it: it stays so. */
function leave(turn: Turn, pmId: number): Turn {
  const child = turn.state.children.find((one) => one.pmId === pmId);
  if (child === undefined || child.plan.is === 'left') return turn;
  return change(turn, {
    children: withChild(turn.state.children, { ...child, plan: left(turn), untold: null, trialSince: null }),
  });
}

/** PM2 was asked to stop it, and not by us: what we stop is parked or given up, and what we restart stands still for a moment. */
function isLeft({ operation, pause }: BackendState, { phase, plan, pmId }: Child): boolean {
  if (phase !== 'stopped' || (operation?.asked && operation.target.pmId === pmId)) return false;
  return plan.is === 'run' || (plan.is === 'fallen' && pause !== null);
}

/** A new process: PM2's, ours or an operator's, and by that it is known what it means. */
function comeUp(turn: Turn, next: Child, before: Child): Turn {
  const { operation } = turn.state;
  const isAimedAt =
    operation?.asked && operation.target.pmId === next.pmId && operation.target.incarnation === before.incarnation;
  const isOurs = isAimedAt && operation.kind !== 'stop' && operation.kind !== 'halt';
  switch (before.plan.is) {
    case 'run':
      return add(turn, { ...next, plan: RUN });
    case 'fallen':
      // In a pause: nothing was decided about its end, and nothing is told of it.
      return add(turn, { ...next, plan: RUN, untold: null });
    case 'left':
      // An operator's stop came while our start was on its way: it is stopped again. Later on it is theirs, though PM2 never answered ours.
      return isOurs && turn.now - before.plan.at < OURS_WITHIN_MS
        ? add(turn, next)
        : add(change(turn, { lastError: null }), { ...next, plan: RUN });
    case 'parked':
    case 'given-up':
      if (isOurs) {
        // Given up or blocked while it was being started: it is stopped again.
        const isOff = before.plan.is === 'given-up' || turn.state.blocked !== null;
        return add(turn, isOff ? next : { ...next, plan: RUN });
      }
      // What we had not yet seen stopped is started by PM2; what stood still, by an operator's hand, or by PM2 long after it was asked.
      if (before.phase !== 'stopped') return startedByPm2(add(turn, { ...next, plan: gently(next.plan) }), before);
      if (before.lateUntil !== null && turn.now < before.lateUntil) return add(turn, { ...next, lateUntil: null });
      return add(startedByHand(turn, before), { ...next, plan: RUN, trialSince: null });
  }
}

/** What hung was the one before: this one hears a signal. */
function gently(plan: Plan): Plan {
  if (plan.is !== 'parked' || !plan.kill) return plan;
  const { kill: _, ...gentle } = plan;
  return gentle;
}

function startedByPm2(turn: Turn, { plan }: Child): Turn {
  // Of what a stranger keeps from its port nothing is counted.
  if (turn.state.blocked !== null || (plan.is !== 'parked' && plan.is !== 'given-up')) return turn;
  const counted = change(turn, { budget: spend(turn.state.budget, 'crash', turn.policy, turn.now) });
  return journal(counted, 'restart', 'crash', startedTooSoon());
}

/** Whoever starts by hand what was given up begins anew, with the whole budget. */
function startedByHand(turn: Turn, { plan }: Child): Turn {
  const fresh = change(turn, { lastError: null, blocked: null });
  return plan.is === 'given-up'
    ? change(fresh, { budget: { ...FRESH_BUDGET, lastAt: turn.state.budget.lastAt }, cure: null })
    : fresh;
}

function add(turn: Turn, child: Child): Turn {
  const { children } = turn.state;
  const isKnown = children.some(({ pmId }) => pmId === child.pmId);
  return change(turn, { children: isKnown ? withChild(children, child) : [...children, child] });
}

/** As PM2 lists them. */
function inOrder(turn: Turn, seen: readonly SeenChild[]): Turn {
  const { children } = turn.state;
  if (seen.every(({ pmId }, i) => children[i]?.pmId === pmId)) return turn;
  return change(turn, { children: seen.flatMap(({ pmId }) => children.find((child) => child.pmId === pmId) ?? []) });
}

/**
 * Nothing that was seen of others is held against children that are all new, or speaks for them: the last of the others may have answered
 * until the last of these came. A row of failures is of those that were there for all of it.
 */
export function beginAnew(turn: Turn): Turn {
  const { state } = turn;
  const present = answering(state);
  if (present.length === 0) return turn;
  const times = present.map(({ upAt }) => upAt);
  const [oldest, newest] = [Math.min(...times), Math.max(...times)];
  const { checks, failures } = state;
  if (checks.joinedAt !== null && oldest <= checks.joinedAt) {
    const joined = newest > checks.joinedAt ? change(turn, { checks: { ...checks, joinedAt: newest } }) : turn;
    if (failures === null || oldest <= failures.firstStartedAt) return joined;
    return isCondemned(state) ? forget(turn, newest, newest) : change(joined, { failures: null });
  }
  return forget(turn, newest, newest);
}

/** A restart waits for which only checks have asked: by none of those that run now. */
function isCondemned({ judgement, operation }: BackendState): boolean {
  const due = judgement.name === 'unhealthy' ? judgement.due : null;
  return operation === null && due !== null && isCheckCaused(due);
}

/** Somebody else may have answered until now: what was seen speaks for none of those that run, and is held against none. */
export function recordCleared(turn: Turn): Turn {
  const { state, now } = turn;
  const present = answering(state);
  if (present.length === 0 || isRestarting(state.operation)) return turn;
  return forget(turn, now, Math.max(...present.map(({ upAt }) => upAt)));
}

/** Checks count from `since` on. */
function forget(turn: Turn, since: number, joinedAt: number): Turn {
  const { lastStartedAt, typicalMs } = turn.state.checks;
  const judgement: Judgement = turn.policy.isChecked ? { name: 'starting' } : { name: 'unchecked', wellSince: turn.now };
  return change(turn, {
    checks: { ...NO_CHECKS, since, joinedAt, lastStartedAt, typicalMs },
    failures: null,
    overload: null,
    judgement,
  });
}
