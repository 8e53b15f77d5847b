import { setTimeout as sleep } from 'node:timers/promises';
import { Room } from '../room.ts';
import type { Contender } from './contender.ts';
import { Dependency } from './dependency.ts';
import type { Fault } from './faults.ts';
import { type Behaviour, type Life, Victim } from './victim.ts';

const START_BOUND_MS = 60_000;
/** After it was first checked (or, without checks, first answered) a contender is left in peace for so long. */
const SETTLE_MS = 1_500;

/** One contender with one victim in one room: begun, then measured, then over. */
export interface Trial<T> {
  begin(): Promise<void>;
  measure(): Promise<T>;
  end(): Promise<void>;
}

/** Seconds from a fault to the first 200 of a new process; null: not within `boundMs`. */
export function faultTrial(contender: Contender, fault: Fault, boundMs: number): Trial<number | null> {
  const scene = new Scene(contender, 'well');
  return {
    begin: () => scene.begin(),
    end: () => scene.end(),
    async measure() {
      let seconds: number | null = null;
      for (const blow of fault.blows) {
        const life = await scene.watched();
        const past = scene.victim.lives.length;
        const at = performance.now();
        blow(life);
        const risen = await scene.victim.answering(past, boundMs);
        seconds = risen ? (performance.now() - at) / 1000 : null;
        if (!risen) break;
      }
      return seconds;
    },
  };
}

/** How often a victim that behaves so is restarted within `windowMs`. A dependency is down from 5 s to 35 s. */
export function needlessTrial(contender: Contender, behaviour: Behaviour, windowMs: number): Trial<number> {
  const scene = new Scene(contender, behaviour);
  return {
    begin: () => scene.begin(),
    end: () => scene.end(),
    async measure() {
      await scene.watched();
      const before = scene.victim.lives.length;
      const outage = behaviour === 'dependency-down' ? scene.outage(5_000, 30_000) : null;
      await sleep(windowMs);
      await outage;
      return scene.victim.lives.length - before;
    },
  };
}

class Scene {
  readonly #contender: Contender;
  readonly #behaviour: Behaviour;
  #parts: { room: Room; victim: Victim; dependency: Dependency | null } | null = null;

  constructor(contender: Contender, behaviour: Behaviour) {
    this.#contender = contender;
    this.#behaviour = behaviour;
  }

  get victim(): Victim {
    if (!this.#parts) throw new Error('not begun');
    return this.#parts.victim;
  }

  async begin(): Promise<void> {
    const dependency = this.#behaviour === 'dependency-down' ? await Dependency.create() : null;
    const victim = await Victim.create(this.#behaviour, dependency?.port);
    const room = new Room();
    this.#parts = { room, victim, dependency };
    await this.#contender.start(room, victim);
    await this.#serving();
  }

  /** The process that serves, checked by its contender at least once, and then left alone for a random part of the interval. */
  async watched(): Promise<Life> {
    const { checkEveryMs } = this.#contender;
    const life = await this.#serving();
    const newest = this.victim.lives.at(-1) ?? life;
    const bound = sleep(3 * (checkEveryMs ?? 0) + 10_000, 'unchecked', { ref: false });
    // A watcher that has gone blind never comes: the fault is dealt all the same.
    if (checkEveryMs !== null) await Promise.race([newest.checked, bound]);
    await sleep(SETTLE_MS + Math.random() * (checkEveryMs ?? 0));
    return this.victim.lives.at(-1) ?? newest;
  }

  async #serving(): Promise<Life> {
    const life = await this.victim.answering(0, START_BOUND_MS);
    if (!life) throw new Error(`${this.#contender.name}: its victim never answered`);
    return life;
  }

  async outage(afterMs: number, forMs: number): Promise<void> {
    await sleep(afterMs);
    await this.#parts?.dependency?.close();
    await sleep(forMs);
    await this.#parts?.dependency?.listen();
  }

  async end(): Promise<void> {
    const parts = this.#parts;
    this.#parts = null;
    await parts?.room.close();
    parts?.victim.close();
    await parts?.dependency?.close();
  }
}
