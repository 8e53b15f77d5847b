interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** Admits `max` at a time; the others wait in order, as long as the queue has room, and not for ever. */
export class Limiter {
  readonly #max: number;
  readonly #queueLimit: number;
  readonly #queue = new Set<Waiter>();
  #admitted = 0;

  constructor(max: number, queueLimit: number) {
    this.#max = max;
    this.#queueLimit = queueLimit;
  }

  /** Resolves when admitted; each admission needs one `leave`. @throws what `busy` returns when the queue is full or the wait too long. */
  enter(timeoutMs: number, busy: () => Error): Promise<void> {
    if (this.#admitted < this.#max) {
      this.#admitted += 1;
      return Promise.resolve();
    }
    if (this.#queue.size >= this.#queueLimit) return Promise.reject(busy());
    return new Promise((admit, reject) => {
      const timer = setTimeout(() => waiter.refuse(busy()), timeoutMs);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        this.#queue.delete(waiter);
        then();
      };
      const waiter: Waiter = { admit: () => settle(admit), refuse: (error) => settle(() => reject(error)) };
      this.#queue.add(waiter);
    });
  }

  leave(): void {
    const [next] = this.#queue;
    if (next) next.admit();
    else this.#admitted -= 1;
  }

  /** Sends all who wait away. */
  refuseWaiting(error: Error): void {
    for (const waiter of [...this.#queue]) waiter.refuse(error);
  }
}
