import type { Answer } from '../policy/observation.ts';
import { checkTarget } from './check.ts';
import type { Target } from './target.ts';

/** What one round asks: URLs, or targets parsed once. */
export interface RoundTargets {
  readonly liveness: string | Target;
  /** null: the liveness answer serves for both. */
  readonly readiness: string | Target | null;
}

/**
 * Both checks of one backend, at the same time, each with the whole deadline. One and the same target is asked once, and its
 * answer stands for both. Never rejects.
 */
export async function checkRound(
  { liveness, readiness }: RoundTargets,
  deadlineMs: number,
): Promise<{ liveness: Answer; readiness: Answer | null }> {
  const live = checkTarget(liveness, deadlineMs);
  if (readiness === null) return { liveness: await live, readiness: null };
  const ready = readiness === liveness ? live : checkTarget(readiness, deadlineMs);
  return { liveness: await live, readiness: await ready };
}
