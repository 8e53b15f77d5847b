/** sfc32 (public domain, Chris Doty-Humphrey): chance from a seed, the same on every machine. */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param stream tells several uses of one seed apart, so that one drawing more does not change what another draws */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = 0x9e3779b9;
    this.#d = 1;
    for (let i = 0; i < 15; i++) this.share();
  }

  /** In [0, 1). */
  share(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return (t >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.share() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** As often below the middle of the range as above it, on a scale of factors: 1 to 100 is as often below 10. */
  spread(least: number, most: number): number {
    return least * (most / least) ** this.share();
  }

  /** The wait for the next of what happens every `mean` on average. */
  wait(mean: number): number {
    return -Math.log(1 - this.share()) * mean;
  }

  is(probability: number): boolean {
    return probability > 0 && this.share() < probability;
  }

  /** @throws RangeError of an empty list */
  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.share() * list.length)];
    if (found === undefined) throw new RangeError('nothing to choose from');
    return found;
  }

  /** One key, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.share() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return this.pick(entries)[0];
  }
}
