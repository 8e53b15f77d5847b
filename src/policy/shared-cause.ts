import type { FleetWord } from './event.ts';
import { inWords } from './in-words.ts';
import { isCheckCaused } from './judge.ts';
import type { Policy } from './policy.ts';
import type { BackendState } from './state.ts';

/** Gone bad within this time of each other: one event, not several. */
const TOGETHER_MS = 10_000;
const MIN_TOGETHER = 3;

/** The one that is tried first has this long to come up, unless its own start-up time is shorter. */
const PILOT_MS = 30_000;

/** After one recovered without a restart the others may be about to: they are given this long. */
const OTHERS_GRACE_MS = 5_000;

/** Most went bad at once. One, the pilot, is restarted first, and what becomes of it decides for the others. */
export interface SharedCause {
  /** By index; null: the last pilot did not heal, the next one is tried at `retryAt`. */
  readonly pilot: number | null;
  readonly pilotAt: number;
  readonly retryAt: number;
}

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
}

/** Lifeguard has an eye on it and may act. */
export function isWatched({ name }: BackendState): boolean {
  return name !== 'stopped' && name !== 'paused' && name !== 'exhausted' && name !== 'blocked';
}

/** Bad by its checks; once it is, a restart under way does not make it well. */
export function isBad(state: BackendState, wasBad: boolean): boolean {
  if (state.name === 'suspect' || state.name === 'degraded') return true;
  if (state.name === 'unhealthy') return wasBad || (state.due !== null && isCheckCaused(state.due));
  return wasBad && (state.name === 'restarting' || state.name === 'starting');
}

/** Before a restart that checks ask for: is it one of many? Waits a little where the others' checks are still out. */
export function findSharedCause({ states, bad, policies }: Members, now: number): Said {
  const waiting = bad.filter(({ index }) => wantsWord(states[index]));
  const [first] = waiting;
  if (first === undefined) return { shared: null, words: [] };
  const recent = bad.filter(({ at }) => now - at < TOGETHER_MS);
  const watched = states.reduce((count, state) => count + (isWatched(state) ? 1 : 0), 0);
  if (areMost(recent.length, watched)) return tryFirst(states, bad, recent, now);
  const unheard = states.reduce(
    (count, state) => count + (state.name === 'healthy' && state.streak.succeededAt < first.at ? 1 : 0),
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

/** What became of the pilot: healed, the others follow; else they are held, and another one is tried now and then. */
export function followSharedCause({ states, bad, policies }: Members, shared: SharedCause, now: number): Said {
  if (bad.length === 0) return { shared: null, words: [] };
  const hold = bad
    .filter(({ index }) => index !== shared.pilot)
    .map((one) => heldBack(one, 'the others went bad at the same time'));
  if (shared.pilot === null) {
    const healed = states.some(
      ({ name, healthySince }) => name === 'healthy' && healthySince !== null && healthySince > shared.pilotAt,
    );
    const retryAt = healed ? Math.min(shared.retryAt, now + OTHERS_GRACE_MS) : shared.retryAt;
    if (now >= retryAt) return tryFirst(states, bad, bad, now);
    return { shared: retryAt === shared.retryAt ? shared : { ...shared, retryAt }, words: hold };
  }
  const pilot = states[shared.pilot];
  const policy = policies[shared.pilot];
  if (pilot === undefined || policy === undefined) return { shared: null, words: [] };
  const wasRestarted = (pilot.lastRestartAt ?? Number.NEGATIVE_INFINITY) >= shared.pilotAt;
  if (pilot.name === 'healthy' && wasRestarted)
    return { shared: null, words: bad.map(({ index }) => ({ index, word: 'go', reason: '' })) };
  const isOut = pilot.name === 'healthy' || !isWatched(pilot);
  if (isOut && !wasRestarted) return { shared: { ...shared, pilot: null, retryAt: now + OTHERS_GRACE_MS }, words: hold };
  const hasHadItsTime = now - shared.pilotAt >= Math.min(PILOT_MS, policy.startupTimeoutMs);
  const isDownAgain = wasRestarted && (pilot.name === 'degraded' || pilot.name === 'unhealthy' || !isWatched(pilot));
  if (!hasHadItsTime && !isDownAgain) return { shared, words: hold };
  return { shared: { ...shared, pilot: null, retryAt: now + policy.backoff.maxMs }, words: hold };
}

/** Chooses one: the first that is being restarted already, or else the first that waits for it. */
function tryFirst(states: readonly BackendState[], bad: readonly Bad[], candidates: readonly Bad[], now: number): Said {
  const underWay = candidates.find(({ index, at }) => (states[index]?.lastRestartAt ?? Number.NEGATIVE_INFINITY) >= at);
  const first = underWay ?? candidates.find(({ index }) => wantsWord(states[index]));
  if (first === undefined) return { shared: { pilot: null, pilotAt: now, retryAt: now + OTHERS_GRACE_MS }, words: [] };
  const pilotAt = underWay === undefined ? now : (states[first.index]?.lastRestartAt ?? now);
  const others = bad.filter(({ index }) => index !== first.index);
  const text = `${bad.length} of ${states.length} backends went bad within ${inWords(TOGETHER_MS)}, so the cause is likely shared: this one is restarted first.`;
  const held = others.map((one) => heldBack(one, `${bad.length} of ${states.length} went bad within ${inWords(TOGETHER_MS)}`));
  return {
    shared: { pilot: first.index, pilotAt, retryAt: now },
    words: [...held, { index: first.index, word: 'go', reason: text }],
  };
}

function heldBack({ index }: Bad, why: string): Word {
  return {
    index,
    word: 'hold',
    reason: `The cause is likely shared (${why}): another one is restarted first, and this one follows if that helps.`,
  };
}

/** It would be restarted now, but for the fleet's word. */
function wantsWord(state: BackendState | undefined): boolean {
  return state?.name === 'unhealthy' && state.fleet !== null && state.due !== null && isCheckCaused(state.due);
}

function areMost(count: number, watched: number): boolean {
  return count >= MIN_TOGETHER && 2 * count > watched;
}
