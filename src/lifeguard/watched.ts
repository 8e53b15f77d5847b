import type { WatchedBackend } from '../config/resolved.ts';
import type { Event } from '../policy/event.ts';
import type { Answer } from '../policy/observation.ts';
import type { BackendState } from '../policy/state.ts';
import type { DependencyWatch } from './dependency-watch.ts';
import type { DrivingAction } from './perform.ts';
import type { Ports } from './ports.ts';
import { NO_PROCESSES, type ProcessView } from './processes.ts';
import { Samples } from './samples.ts';

/** What the shell keeps of one backend beside the policy's state. */
export interface Watched {
  readonly config: WatchedBackend;
  view: ProcessView;
  /** Checks under way. */
  readonly inFlight: Set<{ readonly startedAt: number }>;
  readonly timers: Record<'check' | 'dependencies' | 'tick', (() => void) | undefined>;
  /** Facts of PM2's bus, one after the other: what an exit means is looked up before the next start is told. */
  facts: Promise<void>;
  /** Actions that drive PM2, one at a time. */
  actions: Promise<void>;
  acting: DrivingAction | null;
  /** Incarnations that an action of lifeguard's ends: their exits are its own doing. */
  readonly ended: Set<string>;
  readonly dependencies: readonly { readonly name: string; readonly watch: DependencyWatch }[];
  lastRound: { readonly liveness: Answer; readonly readiness: Answer | null; readonly at: number } | null;
  memoryBytes: number | null;
  readonly samples: Samples;
}

/** What the parts of the supervisor share: the backends, and the one way to tell the policy a fact. */
export interface Desk {
  readonly ports: Ports;
  readonly watched: ReadonlyMap<string, Watched>;
  tell(watched: Watched, event: Event): void;
  stateOf(watched: Watched): BackendState;
  /** PM2 is ending its processes just now. */
  isBeingStopped(name: string): Promise<boolean>;
}

export function watchedFrom(config: WatchedBackend, dependencies: Watched['dependencies']): Watched {
  return {
    config,
    view: NO_PROCESSES,
    inFlight: new Set(),
    timers: { check: undefined, dependencies: undefined, tick: undefined },
    facts: Promise.resolve(),
    actions: Promise.resolve(),
    acting: null,
    ended: new Set(),
    dependencies,
    lastRound: null,
    memoryBytes: null,
    samples: new Samples(),
  };
}
