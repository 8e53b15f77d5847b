import type { Clock } from '../../clock/clock.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import type { Observation } from '../../policy/observation.ts';
import type { StateName } from '../../policy/state-name.ts';
import { conditionOf } from '../condition.ts';
import { forgetOld, readSlots, ringFile, writeSlot } from './ring-file.ts';
import { LATENCY_CODES, latencyCode, latencyOf, type Slot, slotAt } from './slot.ts';

/** Time between two beats that is longer than this was slept through: nobody knows how the backends were. */
const LONGEST_BEAT_MS = 3_000;
/** Each backend's slot is written this often: what a crash of lifeguard costs. */
const WRITE_EVERY_BEATS = 60;

export interface KeeperParts {
  readonly folder: string;
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly say: (text: string) => void;
}

/** Keeps what the page draws: one small write a minute for each backend, none of them at the same time. */
export interface HistoryKeeper {
  onCheck(backend: string, observation: Pick<Observation, 'liveness'>): void;
  onRecord(record: IncidentRecord): void;
  /** To be called each second, from when on the backends are watched; `stateOf` is asked for each of them. */
  beat(stateOf: (backend: string) => StateName): void;
  /** Of the present 16 minutes. */
  current(backend: string): Slot;
  stop(): void;
}

export function keepHistory({ folder, names, clock, say }: KeeperParts): HistoryKeeper {
  const now = slotAt(clock.wallNow());
  const growing = new Map(names.map((name) => [name, new Growing(resumed(folder, name, now))]));
  let isFailing = false;
  let beats = 0;
  let last: number | null = null;

  function write(name: string, slot: Slot): void {
    try {
      writeSlot(ringFile(folder, name), slot);
      if (isFailing) say(`history: ${folder} can be written again`);
      isFailing = false;
    } catch (error) {
      if (!isFailing) say(`history: cannot write ${folder}: ${String(error)}; the page will show a gap`);
      isFailing = true;
    }
  }

  function turnOver(): void {
    const slot = slotAt(clock.wallNow());
    for (const [name, grown] of growing) {
      if (grown.slot === slot) continue;
      write(name, grown.read());
      growing.set(name, new Growing(resumed(folder, name, slot)));
    }
  }

  function beat(stateOf: (backend: string) => StateName): void {
    const now = clock.now();
    const passed = now - (last ?? now);
    last = now;
    turnOver();
    if (passed <= LONGEST_BEAT_MS) for (const [name, grown] of growing) grown.pass(stateOf(name), passed / 1_000);
    const turn = beats++ % WRITE_EVERY_BEATS;
    for (const [i, name] of names.entries()) if (i % WRITE_EVERY_BEATS === turn) write(name, current(name));
  }

  forgetOld(folder, names, clock.wallNow()).catch((error: unknown) => say(`history: ${String(error)}`));
  const current = (name: string): Slot => (growing.get(name) ?? new Growing(emptySlot(now))).read();
  return {
    beat,
    current,
    onCheck(backend, { liveness }) {
      if ('latencyMs' in liveness) growing.get(backend)?.answered(liveness.latencyMs);
    },
    onRecord: ({ what, backend }) => what === 'restart' && growing.get(backend)?.restarted(),
    stop() {
      for (const name of names) write(name, current(name));
    },
  };
}

/** A slot in the making. What a predecessor wrote of the same 16 minutes is added to; its latencies are known as their p95 alone. */
class Growing {
  readonly slot: number;
  readonly #seconds: { well: number; impaired: number; down: number };
  readonly #latencies = new Uint16Array(LATENCY_CODES);
  readonly #p95Before: number | null;
  #answers = 0;
  #restarts: number;

  constructor({ slot, wellS, impairedS, downS, restarts, p95Ms }: Slot) {
    this.slot = slot;
    this.#seconds = { well: wellS, impaired: impairedS, down: downS };
    this.#restarts = restarts;
    this.#p95Before = p95Ms;
  }

  pass(state: StateName, seconds: number): void {
    const condition = conditionOf(state);
    if (condition !== 'unobserved') this.#seconds[condition] += seconds;
  }

  answered(ms: number): void {
    const code = latencyCode(ms);
    this.#latencies[code] = Math.min(65_535, (this.#latencies[code] ?? 0) + 1);
    this.#answers += 1;
  }

  restarted(): void {
    this.#restarts += 1;
  }

  read(): Slot {
    const { well, impaired, down } = this.#seconds;
    return { slot: this.slot, wellS: well, impairedS: impaired, downS: down, restarts: this.#restarts, p95Ms: this.#p95() };
  }

  #p95(): number | null {
    if (this.#answers === 0) return this.#p95Before;
    let left = Math.ceil(0.95 * this.#answers);
    const code = this.#latencies.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return latencyOf(code < 0 ? LATENCY_CODES - 1 : code);
  }
}

function resumed(folder: string, name: string, slot: number): Slot {
  return readSlots(ringFile(folder, name), slot, slot)[0] ?? emptySlot(slot);
}

function emptySlot(slot: number): Slot {
  return { slot, wellS: 0, impairedS: 0, downS: 0, restarts: 0, p95Ms: null };
}
