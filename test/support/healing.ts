import type { TestContext } from 'node:test';
import { ask, type Clone, isAlive } from './clone.ts';
import { until } from './poll.ts';

/** A backend that is to be hurt. */
export interface Patient {
  readonly clone: Clone;
  readonly name: string;
  /** What answers 200 when it is well. */
  readonly url: string;
  /** The pid of the process that answers; 0: there is none now. */
  readonly worker: () => Promise<number>;
}

/**
 * Does harm to a healthy backend that has its whole restart budget, waits until another process answers 200 in its place, and prints
 * and returns the seconds that took. The deadline is generous, for a busy machine.
 */
export async function healing(t: TestContext, what: string, patient: Patient, harm: (pid: number) => unknown): Promise<number> {
  const { clone, name, url, worker } = patient;
  const well = async () => (await ask(url))?.status === 200 && ((await worker()) || null);
  const before = await until(`${name} healthy before the harm`, well, { deadlineMs: 40_000 });
  const reset = await clone.pm2('trigger', 'lifeguard', 'reset', name);
  if (!reset.includes('"ok":true')) throw new Error(`reset: ${reset}`);

  const since = performance.now();
  await harm(before);
  const healed = async () => !isAlive(before) && (await ask(url))?.status === 200;
  await until(`a new process that answers 200 after: ${what}`, healed, { deadlineMs: 40_000, everyMs: 20 });
  const seconds = (performance.now() - since) / 1_000;
  t.diagnostic(`${what}: a new process answers after ${seconds.toFixed(1)} s`);
  return seconds;
}
