import type { Answer } from '../policy/observation.ts';
import { startDeadline } from './deadline.ts';
import type { Check } from './open-check.ts';

/** One run of something that takes its time. */
export interface Run {
  /** What came of it, as soon as that is known. Never rejects. */
  readonly answer: Promise<Answer>;
  /** Nothing is left of it. Never rejects. */
  readonly over: Promise<void>;
  /** Ends it at once. */
  cancel(): void;
}

const NOTHING_NEW: Answer = { kind: 'void', why: 'nothing-new', detail: 'it is not due yet, or not over yet' };

/**
 * A check that is made more seldom than it is asked for, and never twice at one time. While all is well: once in `everyMs`, and between
 * two runs what was found stands. Else four times as often; then each result is told once, and in between there is nothing new.
 */
export class Paced implements Check {
  readonly isPaced = true;
  readonly #begin: () => Run;
  readonly #everyMs: number;
  #incarnation = '';
  #startedAt = Number.NEGATIVE_INFINITY;
  #running: Run | null = null;
  #last: Answer | null = null;
  #untold: Answer | null = null;

  /** @param begin starts one run */
  constructor(begin: () => Run, everyMs: number) {
    this.#begin = begin;
    this.#everyMs = everyMs;
  }

  /** @param deadlineMs waits for a run that is under way for so long; 0: tells what is known now */
  async ask(deadlineMs: number, incarnation: string): Promise<Answer> {
    if (incarnation !== this.#incarnation) this.#forget(incarnation);
    if (this.#untold === null && this.#isDue()) this.#start();
    if (this.#untold === null && this.#running !== null && deadlineMs > 0) await within(this.#running.answer, deadlineMs);
    const fresh = this.#untold;
    this.#untold = null;
    return fresh ?? (this.#last?.kind === 'well' ? this.#last : NOTHING_NEW);
  }

  close(): void {
    this.#running?.cancel();
  }

  #forget(incarnation: string): void {
    this.#incarnation = incarnation;
    this.#startedAt = Number.NEGATIVE_INFINITY;
    this.#last = null;
    this.#untold = null;
  }

  #isDue(): boolean {
    const everyMs = this.#last?.kind === 'well' ? this.#everyMs : this.#everyMs / 4;
    return performance.now() - this.#startedAt >= everyMs;
  }

  #start(): void {
    if (this.#running !== null) {
      // It was killed and is still there, stuck in the kernel: what was found of it holds.
      if (this.#last !== null) this.#startedAt = performance.now();
      this.#untold = this.#last;
      return;
    }
    this.#startedAt = performance.now();
    const incarnation = this.#incarnation;
    const run = this.#begin();
    this.#running = run;
    void run.answer.then((answer) => {
      if (incarnation !== this.#incarnation) return;
      this.#last = answer;
      this.#untold = answer;
    });
    void run.over.then(() => {
      this.#running = null;
    });
  }
}

function within(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = startDeadline(ms, () => resolve());
    void promise.then(() => {
      cancel();
      resolve();
    });
  });
}
