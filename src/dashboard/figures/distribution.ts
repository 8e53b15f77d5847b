/** Upper bounds of a check's buckets, seconds: what a health check takes, up to the longest usual `timeout`. */
export const CHECK_BOUNDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of a recovery, seconds: from a crash's 0.3 s to hours. */
export const RECOVERY_BOUNDS: readonly number[] = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

/** How many values were up to each bound, as Prometheus' histograms have them. Plain JSON. */
export interface Distribution {
  /** By bound, each counts what the ones before it count too. */
  readonly upTo: readonly number[];
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
}

/** Counts values into buckets: one addition for each value. */
export class Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: Uint32Array;
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Uint32Array(bounds.length);
  }

  add(seconds: number): void {
    const bucket = this.#bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += seconds;
  }

  read(): Distribution {
    let total = 0;
    const upTo = Array.from(this.#counts, (count) => {
      total += count;
      return total;
    });
    return { upTo, count: this.#count, sum: this.#sum };
  }
}
