import type { WatchedBackend } from '../config/resolved.ts';
import type { Event } from '../policy/event.ts';
import type { Answer } from '../policy/observation.ts';
import type { BackendState } from '../policy/state.ts';
import type { DependencyWatch } from './looking/dependency-watch.ts';
import type { Picture } from './looking/picture.ts';
import { Samples } from './looking/samples.ts';
import type { Through, Waiting } from './order/at-gate.ts';
import type { Ports } from './ports.ts';

/** What the shell keeps of one backend beside the policy's state. */
export interface Watched {
  readonly config: WatchedBackend;
  picture: Picture;
  /** Checks under way. */
  readonly inFlight: Set<{ readonly startedAt: number }>;
  readonly timers: Record<'check' | 'dependencies' | 'look' | 'tick', (() => void) | undefined>;
  readonly dependencies: readonly { readonly name: string; readonly watch: DependencyWatch }[];
  /** By PM2's id, those that are stopped between an end and a start of ours: it is no operator who stopped them. */
  readonly between: Set<number>;
  /** The process that its launcher holds back, and the last one that was let through. */
  waiting: Waiting | null;
  through: Through | null;
  lastRound: { readonly liveness: Answer; readonly readiness: Answer | null; readonly at: number } | null;
  /** A look at PM2's list and the port is under way. */
  looking: boolean;
  /** The incarnations that answered, and of which it is known that nobody else holds their port. */
  verified: string | null;
  memoryBytes: number | null;
  cpuPercent: number | null;
  decidedAt: number | null;
  readonly samples: Samples;
  /** Something of ours went wrong with it: told then. */
  complainedAt: number | null;
}

/** What the parts of the supervisor share: the backends, and the one way to tell the policy a fact. */
export interface Desk {
  readonly ports: Ports;
  readonly watched: ReadonlyMap<string, Watched>;
  tell(watched: Watched, event: Event): void;
  stateOf(watched: Watched): BackendState;
}

export function watchedFrom(config: WatchedBackend, dependencies: Watched['dependencies']): Watched {
  return {
    config,
    picture: [],
    inFlight: new Set(),
    timers: { check: undefined, dependencies: undefined, look: undefined, tick: undefined },
    dependencies,
    between: new Set(),
    waiting: null,
    through: null,
    lastRound: null,
    looking: false,
    verified: null,
    memoryBytes: null,
    cpuPercent: null,
    decidedAt: null,
    samples: new Samples(),
    complainedAt: null,
  };
}

/** One line a minute of what went wrong with one backend, however often it does: it is that backend's trouble alone. */
const COMPLAIN_EVERY_MS = 60_000;

/** Work on one backend: what goes wrong in it is one line, and never an error that somebody else meets. */
export function apart({ ports: { clock, log } }: Pick<Desk, 'ports'>, watched: Watched, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    const now = clock.now();
    if (watched.complainedAt !== null && now - watched.complainedAt < COMPLAIN_EVERY_MS) return;
    watched.complainedAt = now;
    log(`${watched.config.name}: ${error instanceof Error ? error.message : String(error)}`);
  });
}
