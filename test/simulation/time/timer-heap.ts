/** One thing that is to happen at a time; what is due at the same time happens in the order in which it was asked for. */
export interface Timer {
  readonly at: number;
  readonly order: number;
  /** null: cancelled. */
  run: (() => void) | null;
}

/** Cancelled timers are left in the heap until they come up, or until there are so many and they are most of it. */
const SWEEP_FROM = 1_000;

/** A binary heap of timers, the next one on top. */
export class TimerHeap {
  #heap: Timer[] = [];
  #cancelled = 0;
  #orders = 0;

  add(at: number, run: () => void): Timer {
    const timer: Timer = { at, order: this.#orders++, run };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.run === null) return;
    timer.run = null;
    this.#cancelled += 1;
    if (this.#cancelled > SWEEP_FROM && this.#cancelled > this.#heap.length / 2) this.#sweep();
  }

  /** The next one, left where it is; undefined: none is waiting. */
  peek(): Timer | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || top.run !== null) return top;
      this.#removeTop();
      this.#cancelled -= 1;
    }
  }

  /** Takes the next one out and returns what it does. */
  take(): (() => void) | null {
    const top = this.peek();
    if (top === undefined) return null;
    const { run } = top;
    this.#removeTop();
    top.run = null;
    return run;
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #sweep(): void {
    this.#heap = this.#heap.filter(({ run }) => run !== null).sort((a, b) => a.at - b.at || a.order - b.order);
    this.#cancelled = 0;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const timer = heap[from];
    if (timer === undefined) return;
    let i = from;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isSooner(timer, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = timer;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const timer = heap[from];
    if (timer === undefined) return;
    let i = from;
    for (;;) {
      const left = heap[2 * i + 1];
      const right = heap[2 * i + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isSooner(right, left);
      const child = isRight ? right : left;
      if (!isSooner(child, timer)) break;
      heap[i] = child;
      i = 2 * i + (isRight ? 2 : 1);
    }
    heap[i] = timer;
  }
}

function isSooner(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
