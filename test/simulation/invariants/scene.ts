import type { Backend } from '../backend/backend.ts';
import type { Rules } from '../backend/plan.ts';
import type { WorldEvent } from '../world/event.ts';
import type { Intent } from '../world/intent.ts';
import type { Truth } from '../world/truth.ts';
import type { Monitor, World } from '../world/world.ts';

/** What an invariant is judged by: the world, how it really is, and what people want. Nothing of lifeguard's inside. */
export interface Scene {
  readonly world: World;
  readonly truth: Truth;
  readonly intent: Intent;
  readonly disturbance: Disturbance;
}

/** Makes the monitor of one invariant. */
export type Invariant = (scene: Scene) => Monitor;

/** Calls by which lifeguard has PM2 start a process anew. */
export const STARTS: ReadonlySet<string> = new Set(['restartProcessId', 'reloadProcessId']);

/** An act of lifeguard's that ends or starts processes of a backend. */
export interface Act {
  readonly backend: string;
  readonly pmId: number | null;
  readonly what: string;
}

/** The act that an event is; null: it is none. `starts`: only those after which a process is started anew. */
export function actIn(event: WorldEvent, starts = false): Act | null {
  if (event.type === 'kill-tree' && event.backend !== null) return { backend: event.backend, pmId: event.pmId, what: 'kill' };
  if (event.type !== 'call' || event.backend === null) return null;
  if (starts && !STARTS.has(event.call.method)) return null;
  return { backend: event.backend, pmId: event.call.pmId, what: event.call.method };
}

/**
 * Until lifeguard must have come to a verdict on what has gone bad: the next check, `failure_threshold` of them, those that wait for
 * their time limits coming a quarter of an interval apart; PM2's list, which is asked at each failure; and some to spare.
 */
export function verdictMs({ intervalMs, timeoutMs, failureThreshold }: Rules, listMs: number): number {
  return 1.5 * intervalMs + failureThreshold * (timeoutMs + intervalMs / 2 + 2.5 * listMs) + 5_000;
}

/** Until lifeguard must have noticed that all is well. */
export function noticeMs({ intervalMs, timeoutMs, successThreshold }: Rules): number {
  return (1 + successThreshold) * intervalMs + timeoutMs + 15_000;
}

/** When lifeguard could not see or act as usual, whoever's fault that is. */
export class Disturbance implements Monitor {
  readonly #world: World;
  /** Since when it watches without a break; null: it does not. */
  watchesSince: number | null = null;
  /** When PM2 was last hard to speak with, or the bus lost a message. */
  troubledAt = Number.NEGATIVE_INFINITY;
  clockAt = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  on(event: WorldEvent): void {
    if (event.type === 'lifeguard') this.watchesSince = event.what === 'watches' ? this.#world.clock.now() : null;
    if (event.type === 'clock') {
      this.clockAt = this.#world.clock.now();
      if (this.watchesSince !== null) this.watchesSince = this.#world.clock.now();
    }
    if (event.type === 'bus-trouble') this.troubledAt = this.#world.clock.now();
  }

  look(): void {
    const { life, clock, god, trouble, plan } = this.#world;
    const now = clock.now();
    if (life?.loop.isBlocked && this.watchesSince !== null) this.watchesSince = now;
    if (trouble !== plan.trouble || god?.loop.isBlocked) this.troubledAt = now;
  }

  /** For how long both have been so: something is as it is, and lifeguard watches. */
  seenForMs(since: number): number {
    return this.watchesSince === null ? 0 : this.#world.clock.now() - Math.max(since, this.watchesSince);
  }

  /** By how much later all is noticed when messages of PM2's were lost: with its next list. */
  listAwaitedMs(): number {
    const { clock, plan } = this.#world;
    const recently = clock.now() - this.troubledAt < 300_000;
    return recently ? 60_000 + 110 * plan.trouble.listMs : 0;
  }
}

/** PM2 does not do what it is asked for. */
export function isPm2Unwilling({ trouble: { refused, swallowed, unanswered } }: World): boolean {
  return refused + swallowed + unanswered > 0;
}

export function rulesOf(world: World, name: string): Rules | null {
  return world.byName.get(name)?.plan.rules ?? null;
}

/** The name of lifeguard's state of a backend; null: lifeguard is not there to ask. */
export function stateOf(world: World, backend: Backend): string | null {
  const { life } = world;
  return life?.watchesSince == null ? null : life.supervisor.state(backend.plan.name);
}
