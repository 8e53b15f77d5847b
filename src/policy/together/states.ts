import type { BackendState } from '../state.ts';

/** A power of two near the square root of a large fleet: what a change copies, one row and the list of rows, is smallest then. */
const ROW = 32;

/**
 * The states of a fleet by index, in rows. Plain data, never changed in place: a copy with one change in a thousand is made for every check,
 * and costs 0.5 KB so instead of 8.
 */
export type States = readonly (readonly BackendState[])[];

export function inRows(states: readonly BackendState[]): States {
  return Array.from({ length: Math.ceil(states.length / ROW) }, (_, row) => states.slice(row * ROW, (row + 1) * ROW));
}

export function stateAt(states: States, i: number): BackendState | undefined {
  return states[Math.floor(i / ROW)]?.[i % ROW];
}

/** All of them by index. Array.flat would take 60 µs for a thousand, this takes one. */
export function allStates(states: States): readonly BackendState[] {
  return ([] as BackendState[]).concat(...states);
}

export function withStateAt(states: States, i: number, state: BackendState): States {
  const row = Math.floor(i / ROW);
  return states.with(row, (states[row] ?? []).with(i % ROW, state));
}
