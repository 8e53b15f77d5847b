import type { Policy } from '../policy.ts';
import type { BackendState } from '../state.ts';
import { countRestarts } from './budget.ts';

/** Up this long counts as standing firm. PM2's own backoff takes the same (EXP_BACKOFF_RESET_TIMER). */
const STABLE_MS = 30_000;

/**
 * How long the next restart has to wait, counted from the failure: nothing for the first in the window, then
 * `initial * factor^(n-1)`, n being the restarts since it last stood firm, lengthened by the jitter, at most `max`.
 */
export function nextDelay(
  state: Pick<BackendState, 'budget' | 'seed'>,
  policy: Policy,
  now: number,
): { readonly delayMs: number; readonly seed: number } {
  if (countRestarts(state, policy, now) === 0) return { delayMs: 0, seed: state.seed };
  const { restarts, stableAt } = state.budget;
  const n = stableAt === null ? restarts.length : restarts.filter(({ at }) => at > stableAt).length;
  const { initialMs, factor, maxMs, jitter } = policy.backoff;
  const { value, seed } = random(state.seed);
  const delay = initialMs === 0 ? 0 : initialMs * factor ** Math.max(0, n - 1) * (1 + jitter * value);
  return { delayMs: Math.round(Math.min(maxMs, delay)), seed };
}

/** How long it must be well before earlier restarts no longer lengthen the backoff. */
export function stableAfterMs({ budget }: Pick<BackendState, 'budget'>, policy: Policy): number {
  return Math.min(policy.withinMs, Math.max(STABLE_MS, budget.lastDelayMs));
}

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state, good enough to spread restarts. `value` is in [0, 1). */
export function random(seed: number): { readonly value: number; readonly seed: number } {
  const next = (seed + 0x6d2b79f5) >>> 0;
  let t = next;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return { value: ((t ^ (t >>> 14)) >>> 0) / 2 ** 32, seed: next };
}
