import type { Clock } from '../clock/clock.ts';
import type { WatchedBackend } from '../config/resolved.ts';
import { fromSnapshot, toSnapshot } from '../policy/snapshot.ts';
import { type Fleet, stateOf, withState } from '../policy/together/fleet.ts';
import { recallFleet, rememberFleet } from '../policy/together/memory.ts';
import type { StateStore } from './store.ts';

/** No backend can be called so. */
const FLEET = '';

/** What a successor takes up. */
export interface Memory {
  /** The fleet as a predecessor left it; a backend whose part of it cannot be used starts afresh, with a line in the log. */
  recall(fleet: Fleet): Fleet;
  /** Before something is done about one backend: what is known of it, and of a cause that it may share. */
  note(fleet: Fleet, name: string): void;
  noteShared(fleet: Fleet): void;
  save(fleet: Fleet): void;
}

export function memoryOf(
  store: StateStore,
  backends: readonly WatchedBackend[],
  clock: Clock,
  warn: (text: string) => void,
): Memory {
  const snapshotOf = (fleet: Fleet, name: string) => {
    const state = stateOf(fleet, name);
    return state === undefined ? null : toSnapshot(state, clock.now(), clock.wallNow());
  };
  const shared = (fleet: Fleet) => rememberFleet(fleet, clock.now(), clock.wallNow());

  return {
    recall(fleet) {
      const stored = store.load();
      let recalled = fleet;
      for (const { name, policy } of backends) {
        if (stored[name] === undefined || stored[name] === null) continue;
        const { state, warning } = fromSnapshot(stored[name], policy, clock.now(), clock.wallNow());
        if (state) recalled = withState(recalled, name, state);
        else warn(`${name}: ${warning}`);
      }
      return recallFleet(recalled, stored[FLEET], clock.now(), clock.wallNow());
    },
    note: (fleet, name) => store.note(name, snapshotOf(fleet, name)),
    noteShared: (fleet) => store.note(FLEET, shared(fleet)),
    save(fleet) {
      store.save({ ...Object.fromEntries(fleet.names.map((name) => [name, snapshotOf(fleet, name)])), [FLEET]: shared(fleet) });
    },
  };
}
