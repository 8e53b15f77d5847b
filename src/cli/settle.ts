import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendSituation, Situation } from './situation.ts';

const EVERY_MS = 200;
/** So long a backend may be degraded before one stops waiting for it: its dependency needs somebody's help. */
const DEGRADED_FOR_MS = 5_000;
/** So many restarts, and it will not get well by itself. */
const CRASH_LOOP = 3;

/** States that do not change without somebody's help, or not soon. */
const FINAL = new Set(['exhausted', 'blocked', 'stopped', 'errored']);

/**
 * Looks again and again until all backends are well, nothing more is to be expected (with `giveUpEarly`), or the time is over.
 * @returns the last situation
 */
export async function settle(
  lookNow: () => Promise<Situation>,
  { timeoutMs, giveUpEarly }: { timeoutMs: number; giveUpEarly: boolean },
): Promise<Situation> {
  const started = performance.now();
  const degradedSince = new Map<string, number>();
  for (;;) {
    const situation = await lookNow();
    const now = performance.now();
    for (const { name, state } of situation.backends) {
      if (state !== 'degraded') degradedSince.delete(name);
      else if (!degradedSince.has(name)) degradedSince.set(name, now);
    }
    const isFinal = (backend: BackendSituation) =>
      backend.verdict === 'well' || (giveUpEarly && hopeless(backend, now - (degradedSince.get(backend.name) ?? now)));
    if (situation.watched && situation.backends.every(isFinal)) return situation;
    if (now - started + EVERY_MS > timeoutMs) return situation;
    await sleep(EVERY_MS);
  }
}

function hopeless({ state, restarts }: BackendSituation, degradedForMs: number): boolean {
  return FINAL.has(state) || degradedForMs > DEGRADED_FOR_MS || (state !== 'healthy' && (restarts?.counted ?? 0) >= CRASH_LOOP);
}
