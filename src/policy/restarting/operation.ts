import type { OperationKind, Reason } from '../action.ts';
import { withChild } from '../children.ts';
import type { Event } from '../event.ts';
import { beginAnew } from '../facts/processes.ts';
import type { Cause, Policy } from '../policy.ts';
import type { BackendState, Child, Operation, Target } from '../state.ts';
import { openIncident, sayOnce } from '../telling/incident.ts';
import { actionFailed } from '../telling/reasons.ts';
import { act, change, journal, type Turn } from '../turn.ts';

/** PM2 said that it has done it, and a new process is seen within this, or something else became of it. */
const SEEN_WITHIN_MS = 5_000;
/** Beyond what the old process may take to end, and a new worker to listen: PM2's calls have time limits of their own. */
const UNHEARD_MS = 20_000;
/** After PM2 failed at one, at the least. */
const RETRY_MS = 1_000;
/** PM2's own start of what ends in a crash loop: far enough off for our stop to come first whatever PM2 is busy with. */
const PM2_DELAY_MS = 10_000;
/** And where the next crash is PM2's to mend at once. */
export const PM2_EAGER_MS = 100;

export interface Begun {
  readonly kind: OperationKind;
  readonly cause: Cause;
  readonly reason: Reason;
  readonly targets: readonly Target[];
  /** It is a restart, and this is its cause in the journal; absent: no line of its own. */
  readonly line?: Cause | null;
}

/** Has PM2 do it, with one process after the other. The caller has made sure that no other operation is in flight. */
export function begin(turn: Turn, { kind, cause, reason, targets, line }: Begun): Turn {
  const [target, ...rest] = targets;
  if (target === undefined) return turn;
  const id = turn.state.operations + 1;
  const operation: Operation = { id, kind, cause, reason, target, rest, since: turn.now, asked: false, performedAt: null };
  const lastError = cause === 'crash' ? turn.state.lastError : null;
  const begun = change(turn, { operation, operations: id, retryAt: null, lastError });
  const told = line === undefined ? begun : journal(begun, 'restart', line, reason);
  return act(told, { type: 'operation', id, kind, ...target, cause, reason, pm2DelayMs: pm2Delay(begun, kind, cause) });
}

/** PM2 minds the next crash by itself as long as the window is empty; after that the starts are ours. */
function pm2Delay({ state, policy }: Turn, kind: OperationKind, cause: Cause): number | null {
  if (kind === 'stop' || kind === 'halt' || policy.isJob || !policy.restartOn.includes('crash')) return null;
  const isEager = policy.maxRestarts > 1 && (cause === 'operator' || state.budget.lastDelayMs === 0);
  return isEager ? PM2_EAGER_MS : PM2_DELAY_MS;
}

export function targetOf({ pmId, incarnation }: Child): Target {
  return { pmId, incarnation };
}

/** Has PM2 leave a child that is down as it is, whatever else it is doing for us: before its own start of it, which may be 0.1 s away. */
export function leaveDown(turn: Turn, child: Child, cause: Cause, reason: Reason): Turn {
  const id = turn.state.operations + 1;
  const children = withChild(turn.state.children, { ...child, stopAsked: { id, until: turn.now + UNHEARD_MS } });
  const asked = change(turn, { operations: id, children });
  return act(asked, { type: 'operation', id, kind: 'stop', ...targetOf(child), cause, reason, pm2DelayMs: null });
}

/** What PM2 failed at, or never answered, is asked for again. */
export function askAgain(turn: Turn): Turn {
  const { children } = turn.state;
  const late = children.find(({ stopAsked }) => stopAsked !== null && turn.now >= stopAsked.until);
  return late === undefined ? turn : askAgain(change(turn, { children: withChild(children, { ...late, stopAsked: null }) }));
}

/** No operation in flight, and PM2 did not just fail at one. */
export function isFree({ state: { operation, retryAt }, now }: Turn): boolean {
  return operation === null && (retryAt === null || now >= retryAt);
}

export function recordAsked(turn: Turn, id: number): Turn {
  const { operation } = turn.state;
  return operation?.id === id ? change(turn, { operation: { ...operation, asked: true } }) : turn;
}

/** What PM2 said of the operation; of an earlier one it is no news. */
export function recordPerformed(turn: Turn, { id, error, late = false }: Extract<Event, { type: 'performed' }>): Turn {
  const { operation } = turn.state;
  const stopped = turn.state.children.find(({ stopAsked }) => stopAsked?.id === id);
  if (stopped !== undefined) return recordStopped(turn, stopped, error);
  if (operation?.id !== id) return turn;
  if (error !== null) return fail(late ? mayStillCome(turn, operation) : turn, operation, error);
  const performed = change(turn, { operation: { ...operation, performedAt: turn.now } });
  if (operation.kind === 'reload') return forgetReplaced(performed);
  return operation.kind === 'stop' || operation.kind === 'halt' ? noteStopped(performed, operation.target) : performed;
}

/** The old worker served until now: what was seen says nothing of the new one. */
function forgetReplaced(turn: Turn): Turn {
  const { checks } = turn.state;
  const seen = { since: turn.now, goneAt: turn.now, cameUpAt: null, successes: 0, odd: null };
  return change(turn, { checks: { ...checks, ...seen }, failures: null, overload: null });
}

/** What is down was to stay so. */
function recordStopped(turn: Turn, child: Child, error: string | null): Turn {
  const retryAt = turn.now + retryMs(turn.policy);
  const stopAsked = error === null || child.stopAsked === null ? null : { ...child.stopAsked, until: retryAt };
  const answered = change(turn, { children: withChild(turn.state.children, { ...child, stopAsked }) });
  return error === null ? noteStopped(answered, child) : sayFailed(answered, 'stop', 'crash', error);
}

function noteStopped(turn: Turn, { pmId }: Pick<Target, 'pmId'>): Turn {
  const children = turn.state.children.map(
    (child): Child =>
      child.pmId === pmId && child.phase !== 'stopped' ? { ...child, phase: 'stopped', phaseAt: turn.now } : child,
  );
  return change(turn, { children });
}

/** Looks at what became of the operation in flight: done, void, overdue, or still under way. */
export function followOperation(turn: Turn): Turn {
  const { operation, children } = turn.state;
  if (operation === null) return turn;
  const child = children.find(({ pmId }) => pmId === operation.target.pmId);
  if (child === undefined) return next(turn, operation);
  if (isDone(operation, child, children.length === 1) || isVoid(operation, child)) return next(turn, operation);
  const { performedAt, since, target } = operation;
  const isSeen = child.incarnation !== target.incarnation;
  if (!isSeen && performedAt !== null && turn.now - performedAt >= SEEN_WITHIN_MS && hasLookedSince(turn, performedAt))
    return unseen(turn, operation, child);
  if (turn.now - since < patienceMs(operation, turn.policy)) return turn;
  return child.plan.is === 'left' || isSeen
    ? next(turn, operation)
    : fail(mayStillCome(turn, operation), operation, 'it did not answer in time');
}

/** PM2 stood still: what it was asked for it does when it comes round, whatever was decided since. */
function mayStillCome(turn: Turn, { kind, target }: Operation): Turn {
  const child = turn.state.children.find(({ pmId }) => pmId === target.pmId);
  if (child === undefined || kind === 'stop' || kind === 'halt') return turn;
  return change(turn, { children: withChild(turn.state.children, { ...child, lateUntil: turn.now + UNHEARD_MS }) });
}

/** An operator stopped it before PM2 was asked: who starts it now is not us. */
function isVoid({ asked, cause }: Operation, { plan }: Child): boolean {
  return !asked && cause !== 'operator' && plan.is === 'left';
}

/** What was to come of it has: PM2 says so, or its new process is seen. */
function isDone({ kind, target, performedAt }: Operation, { incarnation, phase }: Child, isOnly: boolean): boolean {
  const isSeen = incarnation !== target.incarnation;
  // PM2 may be at it still, where somebody else has started it meanwhile: the next child waits for that.
  const isAnswered = performedAt !== null || isOnly;
  switch (kind) {
    case 'stop':
    case 'halt':
      return performedAt !== null;
    case 'reload':
      // The old worker goes on until the new one listens, or has had its time to.
      return isSeen && performedAt !== null;
    case 'start':
      return (isSeen || phase === 'up') && isAnswered;
    case 'restart':
    case 'kill':
      return isSeen && isAnswered;
  }
}

function hasLookedSince({ state: { lookedAt } }: Turn, at: number): boolean {
  return lookedAt !== null && lookedAt >= at;
}

/** An operator's stop came in between; or PM2 did nothing at all. */
function unseen(turn: Turn, operation: Operation, child: Child): Turn {
  if (child.phase === 'up' || operation.kind === 'start') return fail(turn, operation, 'no new process is seen');
  if (child.phase !== 'stopped' || child.plan.is !== 'run') return next(turn, operation);
  const left: Child = { ...child, plan: { is: 'left', at: turn.now } };
  return next(change(turn, { children: withChild(turn.state.children, left) }), operation);
}

export function patienceMs({ kind }: Operation, { killTimeoutMs, startupTimeoutMs }: Policy): number {
  return UNHEARD_MS + killTimeoutMs + (kind === 'reload' ? startupTimeoutMs : 0);
}

export function operationEndsAt(operation: Operation, policy: Policy): number {
  const { since, performedAt } = operation;
  return Math.min(
    since + patienceMs(operation, policy),
    performedAt === null ? Number.POSITIVE_INFINITY : performedAt + SEEN_WITHIN_MS,
  );
}

/** Those that come next are looked at anew: what is another process by now, or was stopped, is left as it is. */
function next(turn: Turn, { kind, cause, reason, rest }: Operation): Turn {
  const idle = change(turn, { operation: null });
  const left = rest.filter(({ pmId, incarnation }) => {
    const child = idle.state.children.find((one) => one.pmId === pmId);
    return child?.incarnation === incarnation && (kind === 'start' ? child.plan.is === 'parked' : isMeantToRun(child));
  });
  return beginAnew(left.length > 0 && idle.state.pause === null ? begin(idle, { kind, cause, reason, targets: left }) : idle);
}

function isMeantToRun({ phase, plan }: Child): boolean {
  return phase === 'up' && plan.is === 'run';
}

/** PM2 could not do it: what is known then decides anew, after a while. */
function fail(turn: Turn, { kind, cause }: Operation, error: string): Turn {
  const retryAt = turn.now + retryMs(turn.policy);
  const idle = change(turn, { operation: null, retryAt, children: postponed(turn.state, retryAt) });
  return beginAnew(sayFailed(idle, kind, cause, error));
}

function sayFailed(turn: Turn, kind: OperationKind, cause: Cause, error: string): Turn {
  return sayOnce(openIncident(turn, cause, turn.now), 'hold', cause, actionFailed(kind, error));
}

function retryMs({ backoff }: Policy): number {
  return Math.max(RETRY_MS, backoff.initialMs);
}

/** An operator's wish that PM2 could not fulfil is tried again as what it is by then: a start like any other, within the limit. */
function postponed({ children }: BackendState, retryAt: number): readonly Child[] {
  return children.map((child) => {
    const { plan } = child;
    if (plan.is !== 'parked' || plan.due === null || plan.due.at > retryAt) return child;
    const cause = plan.due.cause === 'operator' ? 'crash' : plan.due.cause;
    return { ...child, plan: { ...plan, due: { ...plan.due, at: retryAt, cause, counted: true } } };
  });
}
