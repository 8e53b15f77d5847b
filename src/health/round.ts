import { isDeepStrictEqual } from 'node:util';
import type { WatchedBackend } from '../config/resolved.ts';
import type { Answer } from '../policy/observation.ts';
import { type Check, type CheckPlace, openCheck } from './open-check.ts';

export interface Round {
  readonly liveness: Answer;
  /** null: the liveness answer serves for both. */
  readonly readiness: Answer | null;
}

/** Both checks of one backend, opened once. */
export interface RoundOfChecks {
  /**
   * Asks both at the same time, each with the whole deadline. One and the same is asked once, and its answer stands for both.
   * Never rejects.
   */
  ask(deadlineMs: number, incarnation: string): Promise<Round>;
  close(): void;
}

const NOTHING_TO_ASK: Answer = { kind: 'void', why: 'nothing-new', detail: 'nothing is to be asked' };

export function openRound(targets: WatchedBackend['targets'], place: CheckPlace): RoundOfChecks {
  const isSame = isDeepStrictEqual(targets.readiness, targets.liveness);
  const liveness = targets.liveness && openCheck(targets.liveness, place);
  const readiness = isSame ? liveness : targets.readiness && openCheck(targets.readiness, place);
  // A command is not to hold up what is asked by a socket beside it.
  const isMixed = liveness !== null && readiness !== null && liveness.isPaced !== readiness.isPaced;
  const patience = (check: Check | null, deadlineMs: number) => (isMixed && check?.isPaced ? 0 : deadlineMs);
  return {
    async ask(deadlineMs, incarnation) {
      const live = liveness?.ask(patience(liveness, deadlineMs), incarnation) ?? NOTHING_TO_ASK;
      const ready = isSame ? live : readiness?.ask(patience(readiness, deadlineMs), incarnation);
      return { liveness: await live, readiness: (await ready) ?? null };
    },
    close() {
      liveness?.close();
      readiness?.close();
    },
  };
}
