import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendSituation, Situation } from './situation.ts';

const EVERY_MS = 200;
/** So long a backend may be degraded, or a companion away, before one stops waiting: somebody has to help. */
const SICK_FOR_MS = 6_000;
/** The same for what no restart cures, which time does not either. */
const AILING_FOR_MS = 3_000;
/** A companion may take so long after its start until it serves: a first start of the embedded database makes its files. */
const COMPANION_STARTS_MS = 60_000;
/** So many restarts, and it will not get well by itself. */
const CRASH_LOOP = 3;

/** States that do not change without somebody's help, or not soon. */
const FINAL = new Set(['exhausted', 'blocked', 'stopped', 'errored']);

interface Waiting {
  readonly timeoutMs: number;
  readonly giveUpEarly: boolean;
  readonly fresh?: readonly string[];
  readonly seen?: (situation: Situation) => void;
}

/**
 * Looks again and again until all is well, nothing more is to be expected (with `giveUpEarly`), or the time is over.
 * @param fresh backends that were started just now: restarts from before are nothing against them
 * @param seen is told of every look after which it is waited on
 * @returns the last situation
 */
export async function settle(
  lookNow: () => Promise<Situation>,
  { timeoutMs, giveUpEarly, fresh = [], seen }: Waiting,
): Promise<Situation> {
  const started = performance.now();
  const before = new Map<string, number>();
  let sickSince: ReadonlyMap<string, number> = new Map();
  for (;;) {
    const situation = await lookNow();
    const now = performance.now();
    for (const { name, restarts } of situation.backends) {
      if (restarts && !before.has(name)) before.set(name, fresh.includes(name) ? restarts.counted : 0);
    }
    sickSince = new Map(sick(situation).map((name) => [name, sickSince.get(name) ?? now]));
    const lost = giveUpEarly && [...sickSince].some(([name, since]) => now - since > patienceMs(situation, name));
    const final = (backend: BackendSituation) =>
      backend.verdict === 'well' || (giveUpEarly && isFinal(backend, before.get(backend.name) ?? 0));
    if (lost || (situation.watched && situation.companions.every(online) && situation.backends.every(final))) return situation;
    if (now - started + EVERY_MS > timeoutMs) return situation;
    seen?.(situation);
    await sleep(EVERY_MS);
  }
}

/** Who needs help, if that lasts: a backend that is degraded or that no restart cures, a companion that is not up. */
function sick({ backends, companions }: Situation): string[] {
  const ailing = backends.filter(({ state, ailment }) => state === 'degraded' || ailment !== null);
  return [...ailing, ...companions.filter((companion) => !online(companion))].map(({ name }) => name);
}

/** How long this one may need help before one stops waiting. */
export function patienceMs({ backends, companions }: Situation, name: string): number {
  const backend = backends.find((one) => one.name === name);
  if (backend?.ailment != null) return AILING_FOR_MS;
  const isStarting = companions.some((one) => !one.watches && online(one) && (one.uptimeMs ?? 0) < COMPANION_STARTS_MS);
  return backend !== undefined && isStarting ? COMPANION_STARTS_MS : SICK_FOR_MS;
}

function isFinal({ state, restarts, kept }: BackendSituation, before: number): boolean {
  return kept || FINAL.has(state) || (state !== 'healthy' && (restarts?.counted ?? 0) - before >= CRASH_LOOP);
}

function online({ status }: Situation['companions'][number]): boolean {
  return status === 'online';
}
