import { inWords } from '../../../policy/telling/in-words.ts';
import type { Ending, Incident, PlanState } from '../state.ts';

const WEEK_MS = 7 * 86_400_000;
const MOST_ENDINGS = 30;
const MOST_SIGNATURES = 300;

/** The same trouble of the same backend, as people would call it. */
export function signatureOf({ slot, cause, seen, trouble }: Incident): string {
  return `${slot} ${trouble?.kind ?? cause ?? seen.code}`;
}

/** What ended it, in a few words: 'a restart', 'database came back'. */
export function cureOf({ tried, waitsFor, end, trouble }: Incident): string {
  if (end?.how === 'stopped') return 'an operator stopped it';
  if (end?.how === 'gone') return 'it is followed no more';
  if (trouble !== null) return 'it went away';
  if (tried > 0) return tried === 1 ? 'a restart cured it' : `it took ${tried} restarts`;
  return waitsFor.length > 0 ? `${waitsFor.join(' and ')} came back` : 'it came back by itself';
}

/** Keeps for a week how an incident ended. */
export function noteEnding(state: PlanState, incident: Incident): void {
  const { end, openedAt } = incident;
  if (end === null || end.how === 'gone') return;
  const signature = signatureOf(incident);
  const known = (state.seen[signature] ?? []).filter(({ at }) => end.at - at < WEEK_MS).slice(1 - MOST_ENDINGS);
  // Set anew, so that the oldest signature is the first one.
  delete state.seen[signature];
  state.seen[signature] = [...known, { at: end.at, tookMs: Math.max(0, end.at - openedAt), cure: cureOf(incident) }];
  for (const oldest of Object.keys(state.seen).slice(0, -MOST_SIGNATURES)) delete state.seen[oldest];
}

/** 'Seen 3 times this week; the last time a restart cured it, in 8 s.' null: never before. */
export function seenBefore(state: PlanState, incident: Incident, now: number): string | null {
  const before = (state.seen[signatureOf(incident)] ?? []).filter(({ at }) => now - at < WEEK_MS && at <= incident.openedAt);
  const last: Ending | undefined = before.at(-1);
  if (last === undefined) return null;
  const times = before.length === 1 ? 'Seen once before this week' : `Seen ${before.length} times before this week`;
  return `${times}; the last time ${last.cure}, in ${inWords(last.tookMs)}.`;
}
