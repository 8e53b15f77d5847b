import type { Active } from '../backend/ailment.ts';
import { type Backend, type Running, WITHOUT_DEPENDENCY } from '../backend/backend.ts';
import { isOrphan } from '../machine/port-table.ts';
import type { WorldEvent } from './event.ts';
import type { Monitor, World } from './world.ts';

/** How a backend really is, whatever lifeguard thinks. */
export type Health =
  /** PM2 has no process of it that lives. */
  | 'off'
  /** It starts, or ends: nobody listens. */
  | 'not-listening'
  | 'well'
  /** It is asked for what it does not have: 404. */
  | 'odd'
  /** Its workers are not all the same. */
  | 'mixed'
  /** Somebody else has its port. */
  | 'foreign'
  | Sick;

export type Sick = 'hang' | 'unreachable' | '503' | 'overload' | 'dependency';

export interface Known {
  readonly health: Health;
  /** Of these processes, by pid. */
  readonly pids: string;
  /** Since when without a break, monotonic ms. */
  readonly since: number;
  /** Since when it has been anything but well. */
  readonly unwellSince: number;
}

const UNKNOWN: Known = { health: 'off', pids: '', since: Number.NEGATIVE_INFINITY, unwellSince: Number.NEGATIVE_INFINITY };
const SICK: ReadonlySet<Health> = new Set<Health>(['hang', 'unreachable', '503', 'overload', 'dependency']);

export function isSick(health: Health): health is Sick {
  return SICK.has(health);
}

/** Keeps how each backend is, and since when. */
export class Truth implements Monitor {
  readonly #world: World;
  readonly #known = new Map<Backend, Known>();

  constructor(world: World) {
    this.#world = world;
  }

  of(backend: Backend): Known {
    return this.#known.get(backend) ?? UNKNOWN;
  }

  onChange(backend: Backend): void {
    const health = healthOf(backend, this.#world);
    const pids = [...backend.running.keys()].map(({ pid }) => pid).join(' ');
    const before = this.of(backend);
    if (before.health === health && before.pids === pids) return;
    const now = this.#world.clock.now();
    this.#known.set(backend, { health, pids, since: now, unwellSince: before.health === 'well' ? now : before.unwellSince });
  }

  on(event: WorldEvent): void {
    if (event.type === 'daemon') for (const backend of this.#world.backends) this.onChange(backend);
  }

  look(): void {
    for (const backend of this.#world.backends) this.onChange(backend);
  }
}

function healthOf(backend: Backend, world: World): Health {
  const living = [...backend.running.values()].filter((running) => !isOrphan(running.process) && !isLostTwin(running, world));
  if (living.length === 0) return 'off';
  const listener = world.ground.ports.at(backend.plan.port);
  if (listener === undefined) return living.every(({ phase }) => phase === 'without-port') ? 'unreachable' : 'not-listening';
  if (
    listener.kind === 'stranger' ||
    (listener.kind === 'process' && !living.some(({ process }) => process === listener.process))
  )
    return 'foreign';
  const found = new Set(living.flatMap((running) => (running.phase === 'listening' ? [conditionOf(backend, running)] : [])));
  const [only] = found;
  if (only !== undefined && found.size === 1) return only;
  return 'mixed';
}

/**
 * PM2 started it twice, as two asked at once, or while it was deleting it, and has forgotten this one, which lives on below the daemon and
 * keeps the port. It is told from nothing that PM2 is just about to list, so lifeguard leaves it alone.
 */
export function isLostTwin({ process, entry }: Running, { god }: World): boolean {
  if (god === null || isOrphan(process)) return false;
  const known = god.db.get(entry.env.pm_id);
  return known === undefined || (known.process !== null && known.process !== process && known.process !== process.parent);
}

/** What checks find of one process, one after the other. */
function conditionOf(backend: Backend, running: Running): Health {
  const active = backend.ailmentOf(running);
  if (active === null) return 'well';
  if (active === WITHOUT_DEPENDENCY) return dependencyOf(backend);
  return found(active, backend);
}

function dependencyOf({ dependency, plan }: Backend): Health {
  if (!plan.rules.hasReadiness) return 'well';
  return dependency?.isUp ? '503' : 'dependency';
}

function found({ ailment }: Active, { plan: { rules } }: Backend): Health {
  switch (ailment.kind) {
    case 'hang':
      return 'hang';
    case 'silent-readiness':
      return rules.hasReadiness ? '503' : 'well';
    case 'slow':
      return ailment.ms < rules.timeoutMs ? 'well' : 'hang';
    case 'status': {
      if (ailment.where === 'readiness' && !rules.hasReadiness) return 'well';
      if (ailment.status < 500) return 'odd';
      if (ailment.status !== 503) return 'unreachable';
      return ailment.retryAfterMs !== null && rules.retryAfterMaxMs > 0 ? 'overload' : '503';
    }
  }
}
