import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../host/host.ts';

/** How long one look for an instant may hold the event loop up, and the pause between two. */
const SLICE_MS = 2;
const PAUSE_MS = 8;
/** Asleep for this long: a lull, not just the gap between two bursts. */
const LULL_MS = 1;
/** Where nobody tells who sleeps: nothing was written for so long. */
const QUIET_MS = 20;

export interface Instant {
  /** Looked at again and again: nothing is in the way from our side. */
  readonly ready: () => boolean;
  /** What is to be done in that instant, without a pause in between. It may still say no (false): then it goes on. */
  readonly fire: () => boolean;
  readonly boundMs: number;
}

/**
 * Waits for an instant at which none of `pids` has anything in hand (see SleepWatch) and `ready` agrees, and calls `fire` in it.
 * Preferred is the instant right after a burst of work, when the next one is farthest away.
 * @returns false when none came within `boundMs`, or where it can't be told
 */
export async function atIdleInstant(
  host: Pick<Host, 'watchSleep'>,
  pids: readonly number[],
  { ready, fire, boundMs }: Instant,
): Promise<boolean> {
  const end = performance.now() + boundMs;
  do {
    const watches = pids.map((pid) => host.watchSleep(pid));
    try {
      const known = watches.filter((watch) => watch !== null);
      if (known.length < watches.length) return false;
      if (trySlice(() => known.every((watch) => watch.asleep()), ready, fire)) return true;
    } finally {
      for (const watch of watches) watch?.close();
    }
    await sleep(PAUSE_MS);
  } while (performance.now() < end);
  return false;
}

function trySlice(asleep: () => boolean, ready: () => boolean, fire: () => boolean): boolean {
  const begin = performance.now();
  let asleepSince = begin;
  let sawWork = false;
  for (let now = begin; now - begin < SLICE_MS; now = performance.now()) {
    const ripe = ready();
    if (!asleep()) {
      sawWork = true;
      asleepSince = now;
    } else if (ripe && (sawWork || now - asleepSince >= LULL_MS)) {
      if (fire()) return true;
    }
  }
  return false;
}

/**
 * The next best, where no idle instant can be told: for a moment nothing was written. `size` changes with what is written.
 * @returns false when none came within `boundMs`
 */
export async function atQuietMoment({ ready, fire, boundMs, size }: Instant & { readonly size: () => number }): Promise<boolean> {
  const end = performance.now() + boundMs;
  for (let before = size(); performance.now() < end; before = size()) {
    await sleep(QUIET_MS);
    if (size() === before && ready() && fire()) return true;
  }
  return false;
}
