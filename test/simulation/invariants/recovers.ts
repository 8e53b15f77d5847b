import type { Backend } from '../backend/backend.ts';
import type { WorldEvent } from '../world/event.ts';
import { isLostTwin } from '../world/truth.ts';
import type { Monitor } from '../world/world.ts';
import { type Invariant, type Scene, stateOf, verdictMs } from './scene.ts';

const SPARE_MS = 90_000;

/** When nothing is wrong any more, a backend is well again in the end, all of its processes: nothing is forgotten. */
export const recovers: Invariant = (scene) => new Recovers(scene);

class Recovers implements Monitor {
  readonly #scene: Scene;
  /** Since when nothing keeps it from being well. */
  readonly #freeSince = new Map<Backend, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** What befalls a process anew has to be mended anew: a trial that it makes fail waits for another cool-down. */
  on(event: WorldEvent): void {
    if (event.type !== 'fault') return;
    const { world } = this.#scene;
    for (const backend of world.backends) {
      const isStruck =
        backend.plan.name === event.backend || [...backend.running.values()].some(({ ailment }) => ailment !== null);
      if (isStruck) this.#freeSince.set(backend, world.clock.now());
    }
  }

  look(): void {
    const { world } = this.#scene;
    const now = world.clock.now();
    for (const backend of world.backends) {
      const cause = causeOf(this.#scene, backend);
      if (cause || isWell(this.#scene, backend)) this.#freeSince.set(backend, now);
      const forMs = now - (this.#freeSince.get(backend) ?? now);
      if (forMs > longestMs(backend, world.backends.length, world.trouble.listMs))
        world.fail('what can be well gets well', backend.plan.name, this.#inWords(backend, forMs));
    }
  }

  #inWords(backend: Backend, forMs: number): string {
    const { world, truth } = this.#scene;
    const entries = world.entriesOf(backend.plan.name).map(({ env }) => `${env.pm_id} ${env.status}`);
    return `${truth.of(backend).health} (${entries.join(', ')}) for ${Math.round(forMs / 1_000)} s with nothing wrong; lifeguard says '${stateOf(world, backend)}'`;
  }
}

/** Something outside lifeguard's hands, or what it waits for. */
function causeOf({ world, intent, disturbance }: Scene, backend: Backend): boolean {
  const { plan, ailment, bootTrouble, dependency, extraMemoryBytes } = backend;
  const now = world.clock.now();
  const wanted = intent.of(backend);
  if (disturbance.watchesSince === null || world.trouble !== world.plan.trouble) return true;
  if (ailment !== null && (ailment.until === null || now < ailment.until)) return true;
  if (bootTrouble !== null || extraMemoryBytes > 0 || dependency?.isUp === false) return true;
  if (wanted.pause !== null || wanted.stopped.size > 0 || wanted.deletedAt !== null || wanted.busy > 0) return true;
  if ([...backend.running.values()].some((running) => isLostTwin(running, world))) return true;
  if (world.ground.ports.at(plan.port)?.kind === 'stranger' || !plan.rules.restartOn.includes('crash')) return true;
  return plan.rules.restartOn.length < 4;
}

function isWell({ world, truth }: Scene, backend: Backend): boolean {
  const { health } = truth.of(backend);
  if (health !== 'well' && health !== 'odd' && health !== 'mixed') return false;
  return world.entriesOf(backend.plan.name).every(({ env }) => env.status === 'online' || env.status === 'launching');
}

/** Given up, it waits for its cool-down; held, for the longest backoff, and among many for the turn of others. */
function longestMs(backend: Backend, fleet: number, listMs: number): number {
  const { rules } = backend.plan;
  const { coolDownMs, backoff, startupTimeoutMs, killTimeoutMs, instances } = rules;
  if (coolDownMs === null) return Number.POSITIVE_INFINITY;
  const turnsMs = fleet >= 3 ? 3 * (backoff.maxMs + 30_000) : 0;
  return (
    Math.max(coolDownMs, 2 * backoff.maxMs) +
    turnsMs +
    2 * startupTimeoutMs +
    2 * instances * killTimeoutMs +
    verdictMs(rules, listMs) +
    110 * listMs +
    SPARE_MS
  );
}
