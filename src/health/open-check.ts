import type { CheckTarget } from '../config/resolved.ts';
import type { Answer } from '../policy/observation.ts';
import { checkTarget } from './check.ts';
import { targetOf } from './target.ts';

/** One check of one backend, with what it keeps from one time to the next. */
export interface Check {
  /**
   * Asks now. Never rejects, resolves within the deadline.
   * @param incarnation what was seen of another one does not speak for this one
   */
  ask(deadlineMs: number, incarnation: string): Promise<Answer>;
  /** Lets go of what it holds. */
  close(): void;
}

/** @throws TypeError for what the configuration's schema would not have taken */
export function openCheck(asked: CheckTarget): Check {
  const target = targetOf(asked);
  return { ask: (deadlineMs) => checkTarget(target, deadlineMs), close: () => {} };
}
