import { type WholeAnswer, wholeOf } from '../../health/http/whole-answer.ts';
import type { Round } from '../../health/round.ts';
import type { Answer } from '../../policy/observation.ts';

/** So many checks of a backend are remembered, */
const CHECKS = 60;
/** and so many of the answers that were no success. */
const FAILURES = 3;

/** One check, in short. */
export interface ShortCheck {
  /** Wall clock, ms: when it was over. */
  readonly at: number;
  /** `200`, `503`, `timeout`, `refused`, `ECONNRESET` … */
  readonly liveness: string;
  /** null: liveness serves for both. */
  readonly readiness: string | null;
  /** Of the slower one; null: there is no such time. */
  readonly ms: number | null;
}

/** An answer that was no success, as it came. */
export interface FailedAnswer {
  readonly at: number;
  readonly of: 'liveness' | 'readiness';
  readonly answer: Answer;
  /** null: nothing more came. */
  readonly whole: WholeAnswer | null;
}

/** The last checks of one backend, and the last answers that were no success. Small (1.5 KB), as there may be a thousand of them. */
export class RecentChecks {
  readonly #at = new Float64Array(CHECKS);
  readonly #ms = new Float32Array(CHECKS);
  readonly #words: (readonly [string, string | null])[] = [];
  #next = 0;
  #failures: readonly FailedAnswer[] = [];

  /** @param at wall clock, ms */
  add({ liveness, readiness }: Round, at: number): void {
    if (liveness.kind === 'void' && (readiness === null || readiness.kind === 'void')) return;
    const times = [liveness, readiness].flatMap((each) => (each && 'latencyMs' in each ? [each.latencyMs] : []));
    const slot = this.#next++ % CHECKS;
    this.#at[slot] = at;
    this.#ms[slot] = times.length === 0 ? Number.NaN : Math.max(...times);
    const words = [word(liveness), readiness && word(readiness)] as const;
    // The same words again are the same object, as they nearly always are.
    this.#words[slot] = this.#words.find((known) => known[0] === words[0] && known[1] === words[1]) ?? words;
    if (isFailure(liveness)) this.#fail({ at, of: 'liveness', answer: liveness, whole: wholeOf(liveness) });
    if (readiness !== null && readiness !== liveness && isFailure(readiness))
      this.#fail({ at, of: 'readiness', answer: readiness, whole: wholeOf(readiness) });
  }

  /** The oldest first. */
  get checks(): readonly ShortCheck[] {
    const count = Math.min(this.#next, CHECKS);
    return Array.from({ length: count }, (_, i) => {
      const slot = (this.#next - count + i) % CHECKS;
      const [liveness = '', readiness = null] = this.#words[slot] ?? [];
      const ms = this.#ms[slot] ?? Number.NaN;
      return { at: this.#at[slot] ?? 0, liveness, readiness, ms: Number.isNaN(ms) ? null : Math.round(ms * 10) / 10 };
    });
  }

  get failures(): readonly FailedAnswer[] {
    return this.#failures;
  }

  #fail(failed: FailedAnswer): void {
    this.#failures = [...this.#failures, failed].slice(-FAILURES);
  }
}

function isFailure(answer: Answer): boolean {
  if (answer.kind === 'well' || answer.kind === 'void') return false;
  return answer.kind !== 'answer' || answer.expected?.met === false || (!answer.expected && answer.status >= 400);
}

function word(answer: Answer): string {
  if (answer.kind === 'answer')
    return answer.expected?.met === false ? `${answer.status}, not as expected` : String(answer.status);
  return answer.kind === 'broken' ? answer.code : answer.kind;
}
