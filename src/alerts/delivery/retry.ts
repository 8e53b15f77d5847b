/** How long and how often a message is tried. Durations in ms. */
export interface RetryPolicy {
  /** After the first failure; twice as long after each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** A message that is older is given up. */
  readonly giveUpMs: number;
  /** A channel that fails for so long is told of over the others. */
  readonly failingMs: number;
  /** For one try, everything included. */
  readonly deadlineMs: number;
}

export const RETRIES: RetryPolicy = {
  firstMs: 5_000,
  longestMs: 300_000,
  giveUpMs: 24 * 3_600_000,
  failingMs: 120_000,
  deadlineMs: 15_000,
};

/** Lengthened by up to so much of itself, at random, so that many do not come back in the same moment. */
const JITTER = 0.2;

/**
 * Until the next try.
 * @param tries so far, one at least
 * @param random from 0 to 1
 * @param askedMs what the service asked for; it is never asked sooner
 */
export function retryAfter(tries: number, policy: RetryPolicy, random: number, askedMs: number | null): number {
  const backoff = Math.min(policy.longestMs, policy.firstMs * 2 ** Math.min(tries - 1, 30));
  return Math.round(Math.max(Math.min(policy.longestMs, backoff * (1 + JITTER * random)), askedMs ?? 0));
}
