/** How many latencies the percentiles are taken over: the last five minutes of checks at one a second. */
const LATENCIES = 300;
const MINUTE_MS = 60_000;

export interface SampleFacts {
  /** Milliseconds of the answers within the last 300 checks; null before the first. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Share of successful checks, 0 to 1; null: none was made. */
  readonly availability1h: number | null;
  readonly availability24h: number | null;
}

/** What the checks of one backend came to, kept small (2.6 KB): a ring of latencies, counters for each of 60 minutes and for each five minutes of a day. */
export class Samples {
  readonly #latencies = new Float32Array(LATENCIES);
  #count = 0;
  readonly #hour = new Tally(60, MINUTE_MS);
  readonly #day = new Tally(288, 5 * MINUTE_MS);

  /** Counts one check; `latencyMs` null: no answer. `now`: monotonic ms. */
  add(good: boolean, latencyMs: number | null, now: number): void {
    this.#hour.add(good, now);
    this.#day.add(good, now);
    if (latencyMs !== null) this.#latencies[this.#count++ % LATENCIES] = latencyMs;
  }

  facts(now: number): SampleFacts {
    const sorted = this.#latencies.slice(0, Math.min(this.#count, LATENCIES)).sort();
    return {
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
      availability1h: this.#hour.share(now),
      availability24h: this.#day.share(now),
    };
  }
}

/** Good ones and all, over the last `slots` spans of time. */
class Tally {
  readonly #spanMs: number;
  readonly #good: Uint16Array;
  readonly #all: Uint16Array;
  #span = -1;

  constructor(slots: number, spanMs: number) {
    this.#spanMs = spanMs;
    this.#good = new Uint16Array(slots);
    this.#all = new Uint16Array(slots);
  }

  add(good: boolean, now: number): void {
    this.#advance(now);
    const slot = this.#span % this.#all.length;
    this.#all[slot] = Math.min(65_535, (this.#all[slot] ?? 0) + 1);
    if (good) this.#good[slot] = Math.min(65_535, (this.#good[slot] ?? 0) + 1);
  }

  /** 0 to 1; null: nothing was counted. */
  share(now: number): number | null {
    this.#advance(now);
    const all = sum(this.#all);
    return all === 0 ? null : sum(this.#good) / all;
  }

  #advance(now: number): void {
    const span = Math.floor(now / this.#spanMs);
    if (this.#span < 0) this.#span = span;
    for (let passed = Math.max(this.#span + 1, span - this.#all.length + 1); passed <= span; passed++) {
      this.#good[passed % this.#all.length] = 0;
      this.#all[passed % this.#all.length] = 0;
    }
    this.#span = Math.max(this.#span, span);
  }
}

function sum(counts: Uint16Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function percentile(sorted: Float32Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
