import type { Action } from './action.ts';
import { classify } from './classify.ts';
import { recordDependency } from './dependencies.ts';
import type { Event } from './event.ts';
import type { Observation } from './observation.ts';
import { overloadAfter } from './overload.ts';
import type { Policy } from './policy.ts';
import { misconfigured, sharedCause } from './reasons.ts';
import type { BackendState } from './state.ts';
import { afterFailure, afterSuccess, isStale } from './streak.ts';
import { type Happenings, TRANSITIONS } from './transitions.ts';
import { act, change, journal, type Turn } from './turn.ts';

export interface Decision {
  readonly state: BackendState;
  /** In the order in which they are to be done. */
  readonly actions: readonly Action[];
}

const NOTHING: readonly Action[] = [];

/** A `stop` that was never confirmed is asked for again after this. */
const STOP_AGAIN_MS = 10_000;
/** The same, when PM2 said that it failed. */
const STOP_FAILED_MS = 1_000;

/** A new success weighs this much in the typical latency. */
const LATENCY_WEIGHT = 0.2;

/** One event leads through no more steps than this: a verdict, its hold or its restart, and some to spare. */
const MAX_STEPS = 8;

/**
 * The whole of lifeguard's judgement. It records what happened, and then, as at every tick, decides what follows from all that is known.
 * No clock, no I/O, no randomness: the same events at the same times give the same actions. It never throws.
 * @param now monotonic ms; an event's own times are on the same clock
 */
export function decide(state: BackendState, event: Event, policy: Policy, now: number): Decision {
  const turn = settle(happen({ state, actions: NOTHING, policy, now, from: state.name }, event));
  return { state: turn.state, actions: turn.actions };
}

/** Time alone, and what has been recorded, until nothing more follows. */
function settle(turn: Turn): Turn {
  let next = turn;
  for (let step = 0; step < MAX_STEPS; step++) {
    const before = next;
    next = TRANSITIONS[before.state.name].tick(before, null);
    if (next === before) break;
  }
  return insistOnStop(next);
}

function happen(turn: Turn, event: Event): Turn {
  switch (event.type) {
    case 'check':
      return check(turn, event.observation);
    case 'online':
      return run(turn, 'online', event);
    case 'exit':
      return isOfAnother(turn, event.incarnation) ? turn : run(turn, event.by === 'nobody' ? 'crash' : 'ended', event);
    case 'stopped':
      return run(turn, STOPPED_BY[event.by], null);
    case 'dependency':
      return { ...turn, state: recordDependency(turn.state, turn.policy, event.name, event.up, event.detail, turn.now) };
    case 'memory':
      return turn.policy.maxMemoryBytes !== null && event.bytes > turn.policy.maxMemoryBytes
        ? run(turn, 'overMemory', event.bytes)
        : turn;
    case 'port':
      return event.holder === null ? run(turn, 'portFree', null) : run(turn, 'portTaken', event.holder);
    case 'command':
      return event.command.name === 'pause' ? run(turn, 'pause', event.command) : run(turn, event.command.name, null);
    case 'performed':
      return event.error === null ? run(turn, 'done', event) : run(noteFailedStop(turn, event.action), 'failed', event);
    case 'fleet':
      return hearFleet(turn, event);
    case 'tick':
      return turn;
  }
}

const STOPPED_BY = { operator: 'stopped', pm2: 'errored', lifeguard: 'parked' } as const;

function run<H extends keyof Happenings>(turn: Turn, name: H, happening: Happenings[H]): Turn {
  return TRANSITIONS[turn.state.name][name](turn, happening);
}

/** Observation -> result -> streak. What is void, of another incarnation, or older than what is known says nothing. */
function check(turn: Turn, observation: Observation): Turn {
  const { now, policy, state } = turn;
  const { startedAt, incarnation } = observation;
  const lastCheckAt = Math.max(startedAt, state.lastCheckAt);
  if (incarnation !== state.incarnation || state.process !== 'up') return change(turn, { lastCheckAt });
  const result = classify(observation, policy);
  if (result.kind === 'success') {
    const typicalMs = average(state.typicalMs, Math.max(0, now - startedAt));
    const counted = change(turn, { lastCheckAt, streak: afterSuccess(state.streak, now), overloadSince: null, typicalMs });
    return run(warnOnce(counted, result.warning), 'success', null);
  }
  if (result.kind === 'void' || isStale(state.streak, result, startedAt)) return change(turn, { lastCheckAt });
  const streak = afterFailure(state.streak, result, startedAt, now);
  const overloadSince = overloadAfter(state.overloadSince, result.overload, now);
  return run(change(turn, { lastCheckAt, streak, overloadSince }), 'failure', null);
}

function warnOnce(turn: Turn, warning: string | null): Turn {
  if (warning === null || turn.state.warned) return turn;
  return journal(change(turn, { warned: true }), 'warn', null, misconfigured(warning));
}

function average(typical: number | null, latest: number): number {
  return typical === null ? latest : typical + LATENCY_WEIGHT * (latest - typical);
}

/** An exit may be told twice, or after the next process is up. With several instances the incarnation names all of them. */
function isOfAnother({ state }: Turn, ended: string | undefined): boolean {
  return ended !== undefined && state.incarnation !== null && !state.incarnation.split('+').includes(ended);
}

function noteFailedStop(turn: Turn, action: string): Turn {
  return action === 'stop' ? change(turn, { stopAskedAt: turn.now - STOP_AGAIN_MS + STOP_FAILED_MS }) : turn;
}

/** `go` with a reason is said of the one that is tried first, and is the one line on a shared cause that people are told. */
function hearFleet(turn: Turn, { word, reason }: Extract<Event, { type: 'fleet' }>): Turn {
  const heard = change(turn, { fleet: word === 'go' ? null : { word, reason } });
  return word === 'go' && reason !== '' ? journal(heard, 'warn', null, sharedCause(reason)) : heard;
}

/** PM2 must not start again what we have stopped. */
function insistOnStop(turn: Turn): Turn {
  const { process, stopAskedAt, name, hold, due } = turn.state;
  if (process !== 'stopping' || name === 'paused' || turn.now - stopAskedAt < STOP_AGAIN_MS) return turn;
  const reason = hold ??
    due?.reason ?? { code: 'action-failed' as const, text: 'It was to be stopped, and is asked to once more.' };
  return act(change(turn, { stopAskedAt: turn.now }), { type: 'stop', only: 'all', reason });
}
