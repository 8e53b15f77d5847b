import type { Action } from './action.ts';
import { nameOf } from './children.ts';
import type { Event } from './event.ts';
import { recordCheck } from './facts/checks.ts';
import { recordDependency } from './facts/dependencies.ts';
import { recordCleared, recordProcesses } from './facts/processes.ts';
import { judge } from './judging/judge.ts';
import type { Policy } from './policy.ts';
import { recordPort } from './restarting/blocked.ts';
import { endPause, recordCommand, restartAsAsked } from './restarting/command.ts';
import { recordCpu } from './restarting/cpu.ts';
import {
  decideFallen,
  followDependencies,
  mindUnstarted,
  recordExplained,
  recordStartFailed,
  tellEnds,
} from './restarting/crash.ts';
import { recordMemory } from './restarting/memory.ts';
import { askAgain, followOperation, recordAsked, recordPerformed } from './restarting/operation.ts';
import { keepStopped, startDue, tryAfterCoolDown } from './restarting/parked.ts';
import { recordWorker } from './restarting/worker.ts';
import type { BackendState } from './state.ts';
import { closeStopped } from './telling/incident.ts';
import { sharedCause } from './telling/reasons.ts';
import { change, journal, type Turn } from './turn.ts';

export interface Decision {
  readonly state: BackendState;
  /** In the order in which they are to be done. */
  readonly actions: readonly Action[];
}

const NOTHING: readonly Action[] = [];

/** One event leads through no more rounds than this: a verdict, its hold or its restart, and some to spare. */
const MAX_ROUNDS = 8;

/** What an operator asked for, and what is under way, goes on in a pause too. */
const IN_PAUSE: readonly Rule[] = [followOperation, askAgain, restartAsAsked, startDue, closeStopped, endPause];

/**
 * What follows from all that is known, most urgent first: what PM2 is doing for us, then the children that are down, then what the checks
 * say of those that run. Each looks at the state alone, never at the event, and changes nothing where nothing is to be done.
 */
const RULES: readonly Rule[] = [
  followOperation,
  askAgain,
  restartAsAsked,
  decideFallen,
  tellEnds,
  mindUnstarted,
  followDependencies,
  keepStopped,
  startDue,
  tryAfterCoolDown,
  judge,
  closeStopped,
];

type Rule = (turn: Turn) => Turn;

/**
 * The whole of lifeguard's judgement. It records what happened, and then, as at every tick, decides what follows from all that is known.
 * No clock, no I/O, no randomness: the same events at the same times give the same actions.
 * @param now monotonic ms; an event's own times are on the same clock
 */
export function decide(state: BackendState, event: Event, policy: Policy, now: number): Decision {
  const turn = settle(record({ state, actions: NOTHING, policy, now, from: state.name }, event));
  const name = nameOf(turn.state);
  return { state: name === turn.state.name ? turn.state : { ...turn.state, name, since: now }, actions: turn.actions };
}

/** Until nothing more follows. */
function settle(turn: Turn): Turn {
  let next = turn;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = next;
    const rules = before.state.pause === null ? RULES : IN_PAUSE;
    for (const rule of rules) next = rule(next);
    if (next === before) break;
  }
  return next;
}

function record(turn: Turn, event: Event): Turn {
  const { state, policy, now } = turn;
  switch (event.type) {
    case 'check':
      return recordCheck(turn, event.observation);
    case 'processes':
      return recordProcesses(turn, event);
    case 'looked':
      return change(turn, { lookedAt: Math.max(event.askedAt, state.lookedAt ?? event.askedAt) });
    case 'explained':
      return recordExplained(turn, event);
    case 'dependency':
      return { ...turn, state: recordDependency(state, policy, event, now) };
    case 'memory':
      return recordMemory(turn, event.bytes);
    case 'cpu':
      return recordCpu(turn, event);
    case 'start-failed':
      return recordStartFailed(turn, event);
    case 'worker':
      return recordWorker(turn, event.trouble);
    case 'port':
      return recordPort(turn, event.holder);
    case 'cleared':
      return recordCleared(turn);
    case 'command':
      return recordCommand(turn, event.command);
    case 'asked':
      return recordAsked(turn, event.id);
    case 'performed':
      return recordPerformed(turn, event);
    case 'fleet':
      return hearFleet(turn, event);
    case 'tick':
      return turn;
  }
}

/** `go` with a reason is said of the one that is tried first, and is the one line on a shared cause that people are told. */
function hearFleet(turn: Turn, { word, reason }: Extract<Event, { type: 'fleet' }>): Turn {
  const heard = change(turn, { fleet: word === 'go' ? null : { word, reason } });
  return word === 'go' && reason !== '' ? journal(heard, 'warn', null, sharedCause(reason)) : heard;
}
