import type { Clock } from '../../clock/clock.ts';
import type { Pm2Client, Pm2Process } from '../../pm2/types.ts';

/** One reading of PM2's list, shared by all that wait for it: the app's processes by name, as of some moment after `askedAt`. */
export interface Listing {
  readonly askedAt: number;
  of(name: string): readonly Pm2Process[];
}

/** A list rests so many times as long as it took: that of a thousand apps takes a second of the daemon. */
const REST = 100;
/** But no longer than this: one that a daemon which stood still answered late says nothing of the next. */
const LONGEST_REST_MS = 60_000;

/**
 * PM2's list costs its daemon a millisecond an app, and everything else waits for it: who asks while one is under way shares the next one.
 * @returns a reading that was asked for now or later. Rejects with a Pm2Error when the daemon does not answer
 */
export function sharedLists(pm2: Pick<Pm2Client, 'list'>, clock: Clock): () => Promise<Listing> {
  let current: Promise<Listing> | null = null;
  let next: Promise<Listing> | null = null;

  async function read(): Promise<Listing> {
    const askedAt = clock.now();
    try {
      return listing(askedAt, await pm2.list());
    } finally {
      current = null;
    }
  }

  return () => {
    if (current === null) {
      current = read();
      return current;
    }
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = null;
        current ??= read();
        return current;
      });
    return next;
  };
}

/** `read` when it is called, but not while one is under way or the last one rests. It must not reject. */
export function restedly(clock: Clock, read: () => Promise<void>): () => void {
  let notBefore = Number.NEGATIVE_INFINITY;
  return () => {
    const startedAt = clock.now();
    if (startedAt < notBefore) return;
    notBefore = Number.POSITIVE_INFINITY;
    void read().finally(() => {
      notBefore = clock.now() + Math.min(REST * (clock.now() - startedAt), LONGEST_REST_MS);
    });
  };
}

function listing(askedAt: number, processes: readonly Pm2Process[]): Listing {
  const byName = new Map<string, Pm2Process[]>();
  for (const process of processes) {
    const same = byName.get(process.name);
    if (same === undefined) byName.set(process.name, [process]);
    else same.push(process);
  }
  return { askedAt, of: (name) => byName.get(name) ?? [] };
}
