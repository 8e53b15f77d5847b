import type { Clock } from '../clock/clock.ts';
import type { WatchedBackend } from '../config/resolved.ts';
import { fromSnapshot, toSnapshot } from '../policy/snapshot.ts';
import type { BackendState } from '../policy/state.ts';
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
  /** To be called now and then: all of it, if there is news. */
  keep(fleet: Fleet): void;
  save(fleet: Fleet): void;
}

/** When a backend was last found well is no news: it is written this seldom. */
const ROUTINE_MS = 60_000;
const ROUTINE: ReadonlySet<string> = new Set<keyof BackendState>(['checks', 'lookedAt']);

function isNews(state: BackendState | undefined, kept: BackendState | undefined): boolean {
  if (state === kept) return false;
  if (state === undefined || kept === undefined) return true;
  return Object.entries(state).some(([key, value]) => !ROUTINE.has(key) && kept[key as keyof BackendState] !== value);
}

export function memoryOf(
  store: StateStore,
  backends: readonly Pick<WatchedBackend, 'name' | 'policy'>[],
  clock: Clock,
  warn: (text: string) => void,
): Memory {
  const snapshotOf = (fleet: Fleet, name: string) => {
    const state = stateOf(fleet, name);
    return state === undefined ? null : toSnapshot(state, clock.now(), clock.wallNow());
  };
  const shared = (fleet: Fleet) => rememberFleet(fleet, clock.now(), clock.wallNow());
  let kept: { readonly fleet: Fleet; readonly at: number } | null = null;

  function isDue(fleet: Fleet): boolean {
    if (kept === null || clock.now() - kept.at >= ROUTINE_MS) return true;
    const { fleet: before } = kept;
    if (fleet.shared !== before.shared || fleet.bad !== before.bad) return true;
    return fleet.names.some((name) => isNews(stateOf(fleet, name), stateOf(before, name)));
  }

  function save(fleet: Fleet): void {
    store.save({ ...Object.fromEntries(fleet.names.map((name) => [name, snapshotOf(fleet, name)])), [FLEET]: shared(fleet) });
    kept = { fleet, at: clock.now() };
  }

  return {
    save,
    keep(fleet) {
      if (isDue(fleet)) save(fleet);
    },
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
  };
}
