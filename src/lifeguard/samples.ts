/** How many latencies the percentiles are taken over: the last five minutes of checks at one a second. */
const LATENCIES = 300;
const MINUTE_MS = 60_000;
const MINUTES = 24 * 60;

export interface SampleFacts {
  /** Milliseconds of the answers within the last 300 checks; null before the first. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Share of successful checks, 0 to 1; null: none was made. */
  readonly availability1h: number | null;
  readonly availability24h: number | null;
}

/** What the checks of one backend came to, kept small: a ring of latencies and one pair of counters a minute. */
export class Samples {
  readonly #latencies = new Float32Array(LATENCIES);
  #count = 0;
  readonly #good = new Uint16Array(MINUTES);
  readonly #all = new Uint16Array(MINUTES);
  #minute = -1;

  /** Counts one check; `latencyMs` null: no answer. `now`: monotonic ms. */
  add(good: boolean, latencyMs: number | null, now: number): void {
    this.#advance(now);
    const slot = this.#minute % MINUTES;
    this.#all[slot] = Math.min(65_535, (this.#all[slot] ?? 0) + 1);
    if (good) this.#good[slot] = Math.min(65_535, (this.#good[slot] ?? 0) + 1);
    if (latencyMs !== null) this.#latencies[this.#count++ % LATENCIES] = latencyMs;
  }

  facts(now: number): SampleFacts {
    this.#advance(now);
    const sorted = this.#latencies.slice(0, Math.min(this.#count, LATENCIES)).sort();
    return {
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
      availability1h: this.#share(60),
      availability24h: this.#share(MINUTES),
    };
  }

  #share(minutes: number): number | null {
    let good = 0;
    let all = 0;
    for (let back = 0; back < Math.min(minutes, this.#minute + 1); back++) {
      const slot = (this.#minute - back) % MINUTES;
      good += this.#good[slot] ?? 0;
      all += this.#all[slot] ?? 0;
    }
    return all === 0 ? null : good / all;
  }

  #advance(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (this.#minute < 0) this.#minute = minute;
    for (let passed = Math.max(this.#minute + 1, minute - MINUTES + 1); passed <= minute; passed++) {
      this.#good[passed % MINUTES] = 0;
      this.#all[passed % MINUTES] = 0;
    }
    this.#minute = Math.max(this.#minute, minute);
  }
}

function percentile(sorted: Float32Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
