import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither false, null nor undefined, and returns it.
 * @throws Error after `deadlineMs`, with `what` and the last answer or error.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { deadlineMs = 15_000, everyMs = 50 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) return answer as NonNullable<Exclude<T, false>>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for: ${what}; last: ${String(last)}`, { cause: last });
    await sleep(everyMs);
  }
}
