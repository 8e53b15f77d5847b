import type { WorldEvent } from './event.ts';
import type { Monitor, World } from './world.ts';

/** So many of the last events are kept of the world, and of each backend. */
const KEPT = 150;

interface Noted {
  readonly at: number;
  readonly order: number;
  readonly event: WorldEvent;
}

/** The last of what happened, to be read by who looks for the cause of a broken invariant. */
export class History implements Monitor {
  readonly #world: World;
  readonly #byBackend = new Map<string | null, Noted[]>();
  #order = 0;

  constructor(world: World) {
    this.#world = world;
  }

  on(event: WorldEvent): void {
    const backend = 'backend' in event && this.#world.byName.has(event.backend ?? '') ? event.backend : null;
    const kept = this.#byBackend.get(backend) ?? [];
    this.#byBackend.set(backend, kept);
    kept.push({ at: this.#world.clock.now(), order: this.#order++, event });
    if (kept.length > 2 * KEPT) kept.splice(0, KEPT);
  }

  /** Of one backend and of all that concerns everybody, in order; without a backend, of all. */
  around(backend: string | null, lines = backend === null ? KEPT * this.#byBackend.size : KEPT): string[] {
    const noted =
      backend === null
        ? [...this.#byBackend.values()].flat()
        : [...(this.#byBackend.get(backend) ?? []), ...(this.#byBackend.get(null) ?? [])];
    return noted
      .filter(({ event }) => event.type !== 'log')
      .sort((a, b) => a.order - b.order)
      .slice(-lines)
      .map(({ at, event }) => `${timeOf(at, this.#world)}  ${inWords(event)}`);
  }
}

/** Minutes, seconds and ms since the world began. */
export function timeOf(at: number, world: World): string {
  const ms = Math.round(at - world.beganAt);
  const minutes = Math.floor(ms / 60_000);
  return `${String(minutes).padStart(3)}:${((ms % 60_000) / 1_000).toFixed(3).padStart(6, '0')}`;
}

function inWords(event: WorldEvent): string {
  switch (event.type) {
    case 'start':
      return `${event.backend}: PM2 starts ${event.entry.env.pm_id}, pid ${event.entry.process?.pid} (by ${event.by})`;
    case 'exit':
      return `${event.backend}: PM2 sees ${event.entry.env.pm_id} end, pid ${event.entry.process?.pid}, ${event.end.signal ?? `code ${event.end.code}`}`;
    case 'call':
      return `${event.backend}: lifeguard calls ${event.call.method} ${event.call.pmId ?? ''}`;
    case 'answer':
      return `${event.backend}: PM2 answers ${event.call.method} ${event.call.pmId ?? ''}: ${event.error ?? 'done'}`;
    case 'kill-tree':
      return `${event.backend}: lifeguard kills the tree of pid ${event.pid}`;
    case 'end-orphan':
      return `${event.backend}: lifeguard ends an orphan, pid ${event.hit?.pid ?? 'none'}`;
    case 'journal':
      return `${event.backend}: journal: ${event.entry.what} (${event.entry.from} -> ${event.entry.to}, ${event.entry.restarts} restarts): ${event.entry.reason.text}`;
    case 'log':
      return `log: ${event.text}`;
    case 'operator':
      return `${event.backend}: operator: ${event.what} ${event.pmId ?? ''}${event.isDone ? ' is done' : ''}`;
    case 'lifeguard':
      return `lifeguard ${event.what}${event.how === undefined ? '' : `: ${event.how}`}`;
    case 'daemon':
      return `PM2's daemon ${event.what}`;
    case 'fault':
      return `${event.backend ?? '*'}: FAULT ${event.text}`;
    case 'clock':
      return `the clock ${event.what === 'set' ? 'is set' : 'leaps'} by ${Math.round(event.byMs)} ms`;
    case 'bus-trouble':
      return `${event.backend}: the bus loses or delays '${event.event}' of ${event.pmId}`;
  }
}
