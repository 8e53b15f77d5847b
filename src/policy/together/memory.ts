import { shiftTimes } from '../snapshot.ts';
import type { Fleet } from './fleet.ts';
import type { Bad, SharedCause } from './shared-cause.ts';

/** Who went bad and what was found of a cause that they share, by name: what a successor must know of the fleet as a whole. Plain JSON. */
export interface FleetMemory {
  readonly at: number;
  readonly wallAt: number;
  readonly bad: readonly { readonly name: string; readonly at: number }[];
  readonly shared: Named<SharedCause> | null;
}

type Named<Shared> = Shared extends { readonly pilot: number } ? Omit<Shared, 'pilot'> & { readonly pilot: string } : Shared;

export function rememberFleet({ names, bad, shared }: Fleet, now: number, wallNow: number): FleetMemory {
  return {
    at: now,
    wallAt: wallNow,
    bad: bad.map(({ index, at }) => ({ name: names[index] ?? '', at })),
    shared: shared !== null && 'pilot' in shared ? { ...shared, pilot: names[shared.pilot] ?? '' } : shared,
  };
}

/** The fleet with what its predecessor knew; those that are configured no more are forgotten. What is no such memory is left out. */
export function recallFleet(fleet: Fleet, json: unknown, now: number, wallNow: number): Fleet {
  if (!isMemory(json)) return fleet;
  const { bad, shared } = shiftTimes(json, now - Math.max(0, wallNow - json.wallAt) - json.at);
  const known = bad.flatMap(({ name, at }): Bad[] => {
    const index = fleet.index.get(name);
    return index === undefined ? [] : [{ index, at }];
  });
  return { ...fleet, bad: known, shared: known.length === 0 ? null : sharedBy(fleet, shared) };
}

function sharedBy({ index }: Fleet, shared: FleetMemory['shared']): SharedCause | null {
  if (shared === null || !('pilot' in shared)) return shared;
  const pilot = index.get(shared.pilot);
  return pilot === undefined ? null : { ...shared, pilot };
}

function isMemory(json: unknown): json is FleetMemory {
  return (
    typeof json === 'object' && json !== null && 'bad' in json && Array.isArray(json.bad) && 'wallAt' in json && 'at' in json
  );
}
