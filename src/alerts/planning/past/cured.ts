import type { Setup } from '../../setup.ts';
import { raise } from '../raise.ts';
import type { Incident, PlanState } from '../state.ts';
import { noteForDigest } from './digest.ts';
import { restlessness } from './restless.ts';

/** So many restarts within an hour, each a cure, are flapping. */
const FLAPPING = 3;

/** An incident that nobody was told of is over. With the third that a restart cured within an hour, that is told. */
export function noteCure(state: PlanState, incident: Incident, setup: Setup): void {
  const { end, slot, tried } = incident;
  if (end === null || end.how !== 'well') return;
  noteForDigest(state, incident, setup);
  if (tried === 0) return;
  const { cures, ends } = restlessness(state, slot, end.at);
  const all = [...cures, end.at];
  const isFlapping = all.length >= FLAPPING;
  state.restless[slot] = { cures: isFlapping ? [] : all, ends };
  if (isFlapping) raise(state, incident, 'flapping', end.at, setup, all.length);
}
