import type { Action } from '../action.ts';
import { type Decision, decide } from '../decide.ts';
import type { Event, FleetWord } from '../event.ts';
import { afterFault } from '../fault.ts';
import type { Policy } from '../policy.ts';
import { type BackendState, initialState } from '../state.ts';
import { type Bad, findSharedCause, followSharedCause, isBad, type SharedCause } from './shared-cause.ts';
import { allStates, inRows, type States, stateAt, withStateAt } from './states.ts';

/** From so many backends on, those that go bad together may have a shared cause. */
const MIN_FLEET = 3;

/** One that turns suspect has others looked at too, this many at most: in a large fleet some check is always about to start anyway. */
const MAX_POKED = 20;

/** All backends of one lifeguard. Plain data, never changed in place. */
export interface Fleet {
  readonly names: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly policies: readonly Policy[];
  readonly states: States;
  /** Who went bad by its checks and is not well again, in that order. */
  readonly bad: readonly Bad[];
  readonly shared: SharedCause | null;
  readonly pokedAt: number;
}

export interface FleetDecision {
  readonly fleet: Fleet;
  readonly actions: readonly { readonly backend: string; readonly action: Action }[];
  /** Backends that are to be checked at once, so that it shows soon whether they are in the same trouble. */
  readonly checkNow: readonly string[];
}

/** @param seed decides the jitter of the backoff, nothing else */
export function createFleet(
  members: readonly { readonly name: string; readonly policy: Policy }[],
  now: number,
  seed = 0,
): Fleet {
  const states = members.map(({ policy }, i) => initialState(policy, now, seed + i));
  return {
    names: members.map(({ name }) => name),
    index: new Map(members.map(({ name }, i) => [name, i])),
    policies: members.map(({ policy }) => policy),
    states: inRows(states.map((state) => awaiting(state, members.length))),
    bad: [],
    shared: null,
    pokedAt: now,
  };
}

/** undefined: no backend is called so. */
export function stateOf({ index, states }: Fleet, name: string): BackendState | undefined {
  const i = index.get(name);
  return i === undefined ? undefined : stateAt(states, i);
}

/** With one backend's state replaced, as by what a predecessor left. */
export function withState(fleet: Fleet, name: string, state: BackendState): Fleet {
  const i = fleet.index.get(name);
  return i === undefined ? fleet : replace(fleet, i, awaiting(state, fleet.names.length));
}

/** {@link decide} for one of several: a restart that checks ask for is made when it is known that not most of the others went bad as well. */
export function decideFleet(fleet: Fleet, name: string, event: Event, now: number): FleetDecision {
  const i = fleet.index.get(name);
  if (i === undefined) return { fleet, actions: [], checkNow: [] };
  const step = advance({ fleet, actions: [], checkNow: [] }, i, event, now);
  if (fleet.names.length < MIN_FLEET) return step;
  const noted = note(step, i, now);
  if (noted.fleet.bad.length === 0 && noted.fleet.shared === null) return noted;
  return speak(noted, now);
}

function advance(step: FleetDecision, i: number, event: Event, now: number): FleetDecision {
  const { fleet } = step;
  const [before, policy, backend] = [stateAt(fleet.states, i), fleet.policies[i], fleet.names[i]];
  if (before === undefined || policy === undefined || backend === undefined) return step;
  const { state, actions } = decideSafely(before, event, policy, now);
  return {
    fleet: state === before ? fleet : replace(fleet, i, awaiting(state, fleet.names.length)),
    actions: actions.length === 0 ? step.actions : [...step.actions, ...actions.map((action) => ({ backend, action }))],
    checkNow: step.checkNow,
  };
}

/** A mistake in a decision about one backend is told, and is no other's trouble. */
function decideSafely(...[state, event, policy, now]: Parameters<typeof decide>): Decision {
  try {
    return decide(state, event, policy, now);
  } catch (error) {
    return afterFault(state, policy, now, error);
  }
}

/** Keeps the list of those that are bad, and has others looked at when one turns so. */
function note(step: FleetDecision, i: number, now: number): FleetDecision {
  const { fleet } = step;
  const state = stateAt(fleet.states, i);
  if (state === undefined) return step;
  const isListed = fleet.bad.length > 0 && fleet.bad.some(({ index }) => index === i);
  if (isListed === isBad(state, isListed)) return step;
  if (isListed) return { ...step, fleet: forget(fleet, i, state) };
  const noted = { ...fleet, bad: [...fleet.bad, { index: i, at: now }] };
  if (now - fleet.pokedAt < (fleet.policies[i]?.intervalMs ?? 0)) return { ...step, fleet: noted };
  return { ...step, fleet: { ...noted, pokedAt: now }, checkNow: peersOf(noted, i) };
}

/** It is well again, or out of our hands: a hold that was said of it is said of nothing any more. */
function forget(fleet: Fleet, i: number, state: BackendState): Fleet {
  const heard = state.fleet?.word === 'hold' ? replace(fleet, i, { ...state, fleet: WAIT }) : fleet;
  return { ...heard, bad: fleet.bad.filter(({ index }) => index !== i) };
}

/** The next ones by index that are well: a row of failures spreads over all of a large fleet so. */
function peersOf({ names, states, bad }: Fleet, i: number): readonly string[] {
  const peers: string[] = [];
  for (let step = 1; step < names.length && peers.length < MAX_POKED; step++) {
    const j = (i + step) % names.length;
    const [name, state] = [names[j], stateAt(states, j)];
    if (name !== undefined && state?.name === 'healthy' && !bad.some(({ index }) => index === j)) peers.push(name);
  }
  return peers;
}

/** Tells each backend the fleet's word, if it is another one than before. */
function speak(step: FleetDecision, now: number): FleetDecision {
  const members = { ...step.fleet, states: allStates(step.fleet.states) };
  const said = members.shared === null ? findSharedCause(members, now) : followSharedCause(members, members.shared, now);
  const { words, shared, look = [] } = said;
  let next: FleetDecision = shared === step.fleet.shared ? step : { ...step, fleet: { ...step.fleet, shared } };
  for (const { index, word, reason } of words) next = tell(next, index, word, reason, now);
  return look.length === 0
    ? next
    : { ...next, checkNow: [...next.checkNow, ...look.flatMap((index) => next.fleet.names[index] ?? [])] };
}

function tell(step: FleetDecision, index: number, word: FleetWord, reason: string, now: number): FleetDecision {
  const state = stateAt(step.fleet.states, index);
  if (state === undefined || (state.fleet?.word ?? 'go') === word) return step;
  return advance(step, index, { type: 'fleet', word, reason }, now);
}

/** In a fleet, no restart without its word: `go` is for one only. */
function awaiting(state: BackendState, size: number): BackendState {
  if (size < MIN_FLEET) return state.fleet === null ? state : { ...state, fleet: null };
  return state.fleet !== null || state.name === 'unhealthy' ? state : { ...state, fleet: WAIT };
}

const WAIT = { word: 'wait', reason: '' } as const;

function replace(fleet: Fleet, i: number, state: BackendState): Fleet {
  return { ...fleet, states: withStateAt(fleet.states, i, state) };
}
