import type { WorldEvent } from '../world/event.ts';
import type { Monitor } from '../world/world.ts';
import { type Act, actIn, type Invariant, rulesOf, type Scene, STARTS } from './scene.ts';

/** Lines that say why something is kept down. */
const KEPT_DOWN = new Set(['hold', 'give-up', 'blocked', 'restart', 'fail', 'warn']);
/** A stop may come before it is known why a process ended, and so before its line. */
const LINE_FOLLOWS_MS = 2_500;
const SPARE_MS = 30_000;

/** Every act has its line: each start of a process a 'restart' that no earlier start of it has used, each stop a line that says why. */
export const journalled: Invariant = (scene) => new Journalled(scene);

class Journalled implements Monitor {
  readonly #scene: Scene;
  readonly #restartLineAt = new Map<string, number>();
  /** The line that the last start of a process belonged to. */
  readonly #usedLineAt = new Map<string, number>();
  readonly #lineAt = new Map<string, number>();
  /** Stops whose line is still to come. */
  readonly #unexplained = new Map<string, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  on(event: WorldEvent): void {
    if (event.type === 'lifeguard') this.#unexplained.clear();
    // While nothing runs nothing gets older.
    if (event.type === 'clock' && event.what === 'leapt')
      for (const [backend, at] of this.#restartLineAt) this.#restartLineAt.set(backend, at + event.byMs);
    if (event.type === 'journal') {
      const now = this.#scene.world.clock.now();
      if (event.entry.what === 'restart') this.#restartLineAt.set(event.backend, now);
      if (KEPT_DOWN.has(event.entry.what)) {
        this.#lineAt.set(event.backend, now);
        this.#unexplained.delete(event.backend);
      }
      return;
    }
    const act = actIn(event);
    if (act === null || this.#isPartOfAnother(act)) return;
    if (STARTS.has(act.what) || act.what === 'kill') this.#noteStart(act);
    else if (!this.#lineAt.has(act.backend)) this.#unexplained.set(act.backend, this.#scene.world.clock.now());
  }

  look(): void {
    const { world, disturbance } = this.#scene;
    for (const [backend, at] of this.#unexplained)
      if (disturbance.seenForMs(at) > LINE_FOLLOWS_MS)
        world.fail('every act has its line', backend, 'it was stopped, and no line says why');
  }

  /** What hangs is killed while PM2 waits for its end. */
  #isPartOfAnother({ what, pmId }: Act): boolean {
    return what === 'kill' && [...(this.#scene.world.life?.open ?? [])].some((call) => call.pmId === pmId);
  }

  #noteStart({ backend, pmId, what }: Act): void {
    const { world } = this.#scene;
    const rules = rulesOf(world, backend);
    if (rules === null) return;
    const line = this.#restartLineAt.get(backend) ?? Number.NEGATIVE_INFINITY;
    const ageMs = world.clock.now() - line;
    const longestMs = rules.instances * (rules.killTimeoutMs + rules.startupTimeoutMs + 10_000) + SPARE_MS;
    const key = `${backend} ${pmId} ${what}`;
    if (ageMs > longestMs || this.#usedLineAt.get(key) === line)
      world.fail('every act has its line', backend, `${what} ${pmId}: its last line of a restart is ${Math.round(ageMs)} ms old`);
    this.#usedLineAt.set(key, line);
  }
}
