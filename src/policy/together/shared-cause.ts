import { answering } from '../children.ts';
import type { FleetWord } from '../event.ts';
import { isCheckCaused } from '../judging/check-caused.ts';
import type { Policy } from '../policy.ts';
import type { BackendState } from '../state.ts';
import { inWords } from '../telling/in-words.ts';

/** Gone bad within this time of each other: one event, not several. */
const TOGETHER_MS = 10_000;
const MIN_TOGETHER = 3;

/** The one that is tried first has at least this long to come up, and its own start-up time if that is longer. */
const PILOT_MS = 30_000;

/** After one recovered without a restart the others may be about to, and one that could not be tried is no answer: the next after this. */
const OTHERS_GRACE_MS = 5_000;

/** Most went bad at once. One, the pilot, is restarted first, and what becomes of it decides for the others. */
export type SharedCause =
  | { readonly phase: 'trying'; readonly since: number; readonly pilot: number }
  /** It healed: the others follow as soon as it shows that they did not heal by themselves meanwhile. */
  | { readonly phase: 'healed'; readonly since: number }
  /** It did not: the others are held, and another one is tried then. */
  | { readonly phase: 'held'; readonly since: number; readonly retryAt: number; readonly pilot: number };

/** What is to be known of all backends; by index. */
interface Members {
  readonly states: readonly BackendState[];
  readonly policies: readonly Policy[];
  /** Who went bad by its checks and is not well again, in that order. */
  readonly bad: readonly Bad[];
}

export interface Bad {
  readonly index: number;
  readonly at: number;
}

export interface Word {
  readonly index: number;
  readonly word: FleetWord;
  readonly reason: string;
}

interface Said {
  readonly shared: SharedCause | null;
  readonly words: readonly Word[];
  /** By index: to be checked at once. */
  readonly look?: readonly number[];
}

/** Lifeguard has an eye on it and may act. */
export function isWatched({ name }: BackendState): boolean {
  return name !== 'stopped' && name !== 'paused' && name !== 'exhausted' && name !== 'blocked';
}

/** Bad by its checks; once it is, a restart under way does not make it well. One that has ended and is not started again has none. */
export function isBad(state: BackendState, wasBad: boolean): boolean {
  if (state.name === 'suspect' || state.name === 'degraded') return true;
  if (state.name === 'unhealthy') return answering(state).length > 0 && (wasBad || isAskedForByChecks(state));
  return wasBad && (state.name === 'restarting' || state.name === 'starting');
}

/** Before a restart that checks ask for: is it one of many? Waits a little where the others' checks are still out. */
export function findSharedCause({ states, bad, policies }: Members, now: number): Said {
  const waiting = bad.filter(({ index }) => wantsWord(states[index]));
  const [first] = waiting;
  if (first === undefined) return { shared: null, words: [] };
  const recent = bad.filter(({ at }) => now - at < TOGETHER_MS);
  const watched = countWatched(states);
  if (areMost(recent.length, watched)) {
    const why = `${countInWords(states, bad)}, so the cause is likely shared: this one is restarted first.`;
    return tryOne(states, bad, underWay(states, recent) ?? first, why, now);
  }
  const unheard = states.reduce(
    (count, state) => count + (state.name === 'healthy' && (state.checks.succeededAt ?? 0) < first.at ? 1 : 0),
    0,
  );
  const words: Word[] = [];
  for (const { index } of waiting) {
    const waitMs = (policies[index]?.intervalMs ?? 0) / 2;
    const isHeardOf = !areMost(recent.length + unheard, watched) || now - (states[index]?.since ?? now) >= waitMs;
    if (isHeardOf) words.push({ index, word: 'go', reason: '' });
  }
  return { shared: null, words };
}

/** What becomes of the pilot decides for the others. */
export function followSharedCause(members: Members, shared: SharedCause, now: number): Said {
  if (members.bad.length === 0) return { shared: null, words: [] };
  switch (shared.phase) {
    case 'trying':
      return watchPilot(members, shared, now);
    case 'healed':
      return release(members, shared, now);
    case 'held':
      return holdAndRetry(members, shared, now);
  }
}

function watchPilot(members: Members, shared: Extract<SharedCause, { phase: 'trying' }>, now: number): Said {
  const { bad, states, policies } = members;
  const [pilot, policy] = [states[shared.pilot], policies[shared.pilot]];
  if (pilot === undefined || policy === undefined) return { shared: null, words: [] };
  const others = bad.filter(({ index }) => index !== shared.pilot);
  const wasRestarted = restartedAt(pilot) >= shared.since;
  if (wasRestarted && pilot.name === 'healthy') {
    return { ...release(members, { phase: 'healed', since: now }, now), look: others.map(({ index }) => index) };
  }
  const words = holdBack(states, others, 'the others went bad at the same time');
  const retryIn = (ms: number): Said => ({ shared: { ...shared, phase: 'held', retryAt: now + ms }, words });
  if (!wasRestarted && (pilot.name === 'healthy' || !isWatched(pilot))) return retryIn(OTHERS_GRACE_MS);
  if (now - shared.since < Math.max(PILOT_MS, policy.startupTimeoutMs)) return { shared, words };
  return retryIn(wasRestarted ? policy.backoff.maxMs : OTHERS_GRACE_MS);
}

/** Each follows when it has failed once more, or has not answered for an interval: the cause may be gone for all of them. */
function release({ bad, states, policies }: Members, shared: Extract<SharedCause, { phase: 'healed' }>, now: number): Said {
  const waiting = bad.filter(({ index }) => wantsWord(states[index]));
  const ready = waiting.filter(({ index }) => {
    const hasFailedSince = (states[index]?.failures?.lastStartedAt ?? Number.NEGATIVE_INFINITY) >= shared.since;
    return hasFailedSince || now - shared.since >= (policies[index]?.intervalMs ?? 0);
  });
  const words = ready.map(({ index }): Word => ({ index, word: 'go', reason: '' }));
  return { shared: ready.length === waiting.length ? null : shared, words };
}

function holdAndRetry({ bad, states }: Members, shared: Extract<SharedCause, { phase: 'held' }>, now: number): Said {
  // What is left of it is not many any more: each is on its own, once it shows that it does not heal by itself like the others.
  if (!areMost(bad.length, countWatched(states))) return { shared: { phase: 'healed', since: now + OTHERS_GRACE_MS }, words: [] };
  const healed = states.some(
    ({ name, judgement }) => name === 'healthy' && (wellSince(judgement) ?? shared.since) > shared.since,
  );
  const retryAt = healed ? Math.min(shared.retryAt, now + OTHERS_GRACE_MS) : shared.retryAt;
  const next = leastTried(states, bad, shared.pilot, now);
  if (now >= retryAt && next !== undefined) return tryOne(states, bad, next, '', now);
  const words = holdBack(states, bad, 'a restart of one of them did not help');
  return { shared: retryAt === shared.retryAt ? shared : { ...shared, retryAt }, words };
}

/** One goes first; the others are held back. `why` is the one line that people are told of it. */
function tryOne(states: readonly BackendState[], bad: readonly Bad[], first: Bad, why: string, now: number): Said {
  const others = bad.filter(({ index }) => index !== first.index);
  const held = holdBack(states, others, countInWords(states, bad));
  const pilotRestartedAt = restartedAt(states[first.index]);
  const since = pilotRestartedAt >= first.at && now - pilotRestartedAt < TOGETHER_MS ? pilotRestartedAt : now;
  return {
    shared: { phase: 'trying', since, pilot: first.index },
    words: [...held, { index: first.index, word: 'go', reason: why }],
  };
}

function countInWords(states: readonly BackendState[], bad: readonly Bad[]): string {
  return `${bad.length} of ${states.length} went bad within ${inWords(TOGETHER_MS)}`;
}

/** One that is being restarted already is the first by right. */
function underWay(states: readonly BackendState[], recent: readonly Bad[]): Bad | undefined {
  return recent.find(({ index, at }) => restartedAt(states[index]) >= at);
}

/** One that may be restarted now, and not the last one again if there is another. */
function leastTried(states: readonly BackendState[], bad: readonly Bad[], last: number, now: number): Bad | undefined {
  const able = bad.filter(({ index }) => wantsWord(states[index]) && (dueAt(states[index]) ?? now) <= now);
  const order = ({ index }: Bad) => (index === last ? Number.POSITIVE_INFINITY : restartedAt(states[index]));
  return able.toSorted((a, b) => order(a) - order(b))[0];
}

function restartedAt(state: BackendState | undefined): number {
  return state?.budget.lastAt ?? Number.NEGATIVE_INFINITY;
}

/** For those that have not been told yet: of a thousand that are bad each is asked about every second. */
function holdBack(states: readonly BackendState[], bad: readonly Bad[], why: string): Word[] {
  const reason = `The cause is likely shared (${why}): another one is restarted first, and this one follows if that helps.`;
  const untold = bad.filter(({ index }) => states[index]?.fleet?.word !== 'hold');
  return untold.map(({ index }): Word => ({ index, word: 'hold', reason }));
}

/** It would be restarted now, but for the fleet's word. */
function wantsWord(state: BackendState | undefined): boolean {
  return state?.name === 'unhealthy' && state.fleet !== null && isAskedForByChecks(state);
}

function isAskedForByChecks({ judgement }: BackendState): boolean {
  return judgement.name === 'unhealthy' && judgement.due !== null && isCheckCaused(judgement.due);
}

function dueAt(state: BackendState | undefined): number | null {
  return state?.judgement.name === 'unhealthy' ? (state.judgement.due?.at ?? null) : null;
}

function wellSince(judgement: BackendState['judgement']): number | null {
  return 'wellSince' in judgement ? judgement.wellSince : null;
}

function countWatched(states: readonly BackendState[]): number {
  return states.reduce((count, state) => count + (isWatched(state) ? 1 : 0), 0);
}

function areMost(count: number, watched: number): boolean {
  return count >= MIN_TOGETHER && 2 * count > watched;
}
