import { HOUR_MS, type PlanState, type Restless } from '../state.ts';

/** What keeps coming back in a slot, of the hour before. */
export function restlessness(state: PlanState, slot: string, now: number): Restless {
  const isRecent = (at: number) => Math.abs(now - at) < HOUR_MS;
  const { cures = [], ends = [] } = state.restless[slot] ?? {};
  return { cures: cures.filter(isRecent), ends: ends.filter(isRecent) };
}

/** People are told that it is well: one that falls again soon is not told of as if it were the first time. */
export function noteTold(state: PlanState, slot: string, now: number): void {
  const { cures, ends } = restlessness(state, slot, now);
  state.restless[slot] = { cures, ends: [...ends, now] };
}

/** Forgets what is older than an hour. */
export function forgetOld(state: PlanState, now: number): void {
  for (const slot of Object.keys(state.restless)) {
    const left = restlessness(state, slot, now);
    if (left.cures.length + left.ends.length === 0) delete state.restless[slot];
    else state.restless[slot] = left;
  }
}
