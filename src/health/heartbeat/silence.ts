import type { Answer } from '../../policy/observation.ts';
import { formatDuration } from '../../units/duration.ts';

/**
 * How long a backend has not been heard of. Time counts only while it is looked for: of a gap between two looks (lifeguard was away, its
 * loop stood still, the machine slept) two usual ones at most.
 */
export class Silence {
  readonly #withinMs: number;
  readonly #mostMs: number;
  #incarnation = '';
  #lookedAt = 0;
  #silentMs = 0;
  #heard = false;

  /** @param everyMs between two looks, as a rule */
  constructor({ withinMs, everyMs }: { withinMs: number; everyMs: number }) {
    this.#withinMs = withinMs;
    this.#mostMs = 2 * everyMs;
  }

  /** @returns whether it is another process than at the last look; then what was heard of the one before is forgotten */
  begin(incarnation: string, now: number): boolean {
    if (incarnation === this.#incarnation) return false;
    this.#incarnation = incarnation;
    this.#lookedAt = now;
    this.#silentMs = 0;
    this.#heard = false;
    return true;
  }

  beat(): void {
    this.#heard = true;
    this.#silentMs = 0;
  }

  /** What is known now. Before the first beat there is nothing to tell until it is overdue. */
  look(now: number): Answer {
    this.#silentMs += Math.min(now - this.#lookedAt, this.#mostMs);
    this.#lookedAt = now;
    const silentMs = this.#silentMs;
    if (silentMs > this.#withinMs) {
      const what = this.#heard ? 'has sent no further heartbeat' : 'has sent no heartbeat';
      return { kind: 'silent', silentMs, detail: `${what} for ${formatDuration(Math.floor(silentMs / 1_000) * 1_000)}` };
    }
    if (!this.#heard) return { kind: 'void', why: 'nothing-new', detail: 'its first heartbeat is waited for' };
    return { kind: 'well', latencyMs: 0, detail: `its last heartbeat was ${Math.round(silentMs / 1_000)} s ago` };
  }
}
