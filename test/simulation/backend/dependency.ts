import type { VirtualClock } from '../time/virtual-clock.ts';

/** What backends cannot do without, such as a database that several of them share. */
export class Dependency {
  readonly name: string;
  /** What lifeguard is told to ask. */
  readonly check: string;
  readonly #clock: VirtualClock;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  #downUntil = Number.NEGATIVE_INFINITY;
  /** While it is down: it does not answer, rather than refusing. */
  isSilent = false;
  /** When it last came back, or went down. */
  changedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, check: string, clock: VirtualClock) {
    this.name = name;
    this.check = check;
    this.#clock = clock;
  }

  get isUp(): boolean {
    return this.#clock.now() >= this.#downUntil;
  }

  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  goDown(forMs: number, isSilent: boolean): void {
    this.#downUntil = this.#clock.now() + forMs;
    this.isSilent = isSilent;
    this.#tell();
    this.#clock.after(forMs, () => {
      if (this.isUp) this.#tell();
    });
  }

  #tell(): void {
    this.changedAt = this.#clock.now();
    for (const listener of this.#listeners) listener(this.isUp);
  }
}
