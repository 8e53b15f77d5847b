import type { VirtualClock } from './virtual-clock.ts';

/**
 * The one thread of a Node process. While it is blocked or stopped nothing of it happens; then, as in Node, first the timers that fell
 * due and after them what came in over sockets, each in its order.
 */
export class EventLoop {
  readonly #clock: VirtualClock;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #blockedForMs = 0;
  #isOver = false;
  readonly #timers: (() => void)[] = [];
  readonly #arrived: (() => void)[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isBlocked(): boolean {
    return this.#clock.now() < this.#blockedUntil;
  }

  /** It was blocked for longer than this, and is free again since so short a time. */
  wasBlocked(longerThanMs: number, withinMs: number): boolean {
    const now = this.#clock.now();
    return this.#blockedForMs > longerThanMs && now >= this.#blockedUntil && now - this.#blockedUntil < withinMs;
  }

  /** A timer of its own. */
  after(delayMs: number, run: () => void): () => void {
    let cancelled = false;
    const cancel = this.#clock.after(delayMs, () => this.#handle(this.#timers, () => cancelled || run()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Something comes in from outside, such as over a socket or a child's end, `delayMs` from now. */
  arrive(delayMs: number, run: () => void): void {
    this.#clock.after(delayMs, () => this.#handle(this.#arrived, run));
  }

  /** It is busy with one thing, or stopped by a signal. */
  block(forMs: number): void {
    const until = this.#clock.now() + forMs;
    if (this.#isOver || until <= this.#blockedUntil) return;
    this.#blockedForMs = (this.isBlocked ? this.#blockedForMs : 0) + until - Math.max(this.#clock.now(), this.#blockedUntil);
    this.#blockedUntil = until;
    this.#clock.after(forMs, () => this.#goOn());
  }

  /** The process is dead. */
  end(): void {
    this.#isOver = true;
  }

  #handle(queue: (() => void)[], run: () => void): void {
    if (this.#isOver) return;
    if (this.isBlocked) queue.push(run);
    else run();
  }

  #goOn(): void {
    if (this.isBlocked) return;
    for (const queue of [this.#timers, this.#arrived])
      for (const run of queue.splice(0)) {
        if (this.#isOver) return;
        if (this.isBlocked) queue.push(run);
        else run();
      }
  }
}
