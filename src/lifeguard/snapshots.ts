import type { Clock } from '../clock/clock.ts';
import type { WatchedBackend } from '../config/resolved.ts';
import { type Fleet, stateOf, withState } from '../policy/fleet.ts';
import { fromSnapshot, type Snapshot, toSnapshot } from '../policy/snapshot.ts';

/** What is stored: each backend's snapshot, by name. */
export function fleetToStore(fleet: Fleet, clock: Clock): Readonly<Record<string, Snapshot>> {
  return Object.fromEntries(
    fleet.names.flatMap((name) => {
      const state = stateOf(fleet, name);
      return state ? [[name, toSnapshot(state, clock.now(), clock.wallNow())]] : [];
    }),
  );
}

/** Takes up every backend where its predecessor left it; one whose snapshot cannot be used starts afresh, with a line in the log. */
export function fleetFromStore(
  fleet: Fleet,
  stored: unknown,
  backends: readonly WatchedBackend[],
  clock: Clock,
  warn: (text: string) => void,
): Fleet {
  if (typeof stored !== 'object' || stored === null) return fleet;
  let restored = fleet;
  for (const { name, policy } of backends) {
    const snapshot = (stored as Readonly<Record<string, unknown>>)[name];
    if (snapshot === undefined) continue;
    const { state, warning } = fromSnapshot(snapshot, policy, clock.now(), clock.wallNow());
    if (state) restored = withState(restored, name, state);
    else warn(`${name}: ${warning}`);
  }
  return restored;
}
