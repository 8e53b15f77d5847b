import type { TestContext } from 'node:test';
import { ask, isAlive } from './clone.ts';
import { until } from './poll.ts';

/**
 * Does harm to a healthy backend and waits until another process answers 200 in its place; prints and returns the seconds that took.
 * The deadline is generous, for a busy machine; what is measured on a quiet one is in the docs.
 */
export async function healing(
  t: TestContext,
  what: string,
  worker: () => Promise<number>,
  url: string,
  harm: (pid: number) => unknown,
  deadlineMs = 40_000,
): Promise<number> {
  const before = await until(
    `${url} healthy before the harm`,
    async () => (await ask(url))?.status === 200 && ((await worker()) || null),
    {
      deadlineMs,
    },
  );
  const since = performance.now();
  await harm(before);
  await until(`a new process that answers 200 after: ${what}`, async () => !isAlive(before) && (await ask(url))?.status === 200, {
    deadlineMs,
    everyMs: 20,
  });
  const seconds = (performance.now() - since) / 1_000;
  t.diagnostic(`${what}: a new process answers after ${seconds.toFixed(1)} s`);
  return seconds;
}
