import { setTimeout as sleep } from 'node:timers/promises';
import { SleepWatch } from '../holding/asleep.ts';

/** How long one look for an instant may hold the event loop up, and the pause between two. */
const SLICE_MS = 2;
const PAUSE_MS = 8;
/** Asleep for this long: a lull, not just the gap between two bursts. */
const LULL_MS = 1;

/**
 * Waits for an instant at which none of `pids` has anything in hand (see asleep.ts) and `ready` agrees, and calls `fire` in it,
 * without a pause in between. `fire` may still say no (false): then it goes on. Preferred is the instant right after a burst of work, when the next one is farthest away.
 * @returns false when none came within `boundMs`
 */
export async function atIdleInstant(
  pids: readonly number[],
  { ready, fire, boundMs }: { ready: () => boolean; fire: () => boolean; boundMs: number },
): Promise<boolean> {
  const end = performance.now() + boundMs;
  do {
    const watches = pids.flatMap((pid) => SleepWatch.open(pid) ?? []);
    try {
      if (trySlice(watches, ready, fire)) return true;
    } finally {
      for (const watch of watches) watch.close();
    }
    await sleep(PAUSE_MS);
  } while (performance.now() < end);
  return false;
}

function trySlice(watches: readonly SleepWatch[], ready: () => boolean, fire: () => boolean): boolean {
  const begin = performance.now();
  let asleepSince = begin;
  let sawWork = false;
  for (let now = begin; now - begin < SLICE_MS; now = performance.now()) {
    const ripe = ready();
    if (!watches.every((watch) => watch.asleep())) {
      sawWork = true;
      asleepSince = now;
    } else if (ripe && (sawWork || now - asleepSince >= LULL_MS)) {
      if (fire()) return true;
    }
  }
  return false;
}
