import { setTimeout as sleep } from 'node:timers/promises';
import type { Trial } from './trial.ts';

/** So many are begun at the same time: each start needs a processor. */
const BEGIN_AT_ONCE = 3;
/** Each is measured so much later than the one before it: two faults at one moment would share the processors. */
const STAGGER_MS = 300;

/**
 * Begins all trials, and only when all are ready measures them side by side, so that no start disturbs a measurement.
 * What a trial throws is its outcome; all are ended, whatever happens.
 */
export async function runBatch<T>(trials: readonly Trial<T>[]): Promise<PromiseSettledResult<T>[]> {
  try {
    const begun = await limited(trials, BEGIN_AT_ONCE, (trial) => trial.begin());
    return await Promise.allSettled(
      trials.map(async (trial, at) => {
        const start = begun[at];
        if (start?.status === 'rejected') throw start.reason;
        await sleep(at * STAGGER_MS);
        return trial.measure();
      }),
    );
  } finally {
    await limited(trials, BEGIN_AT_ONCE * 2, (trial) => trial.end());
  }
}

async function limited<I, O>(
  items: readonly I[],
  atOnce: number,
  work: (item: I) => Promise<O>,
): Promise<PromiseSettledResult<O>[]> {
  const results: PromiseSettledResult<O>[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at] as I;
      results[at] = await work(item).then(
        (value): PromiseSettledResult<O> => ({ status: 'fulfilled', value }),
        (reason: unknown): PromiseSettledResult<O> => ({ status: 'rejected', reason }),
      );
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
