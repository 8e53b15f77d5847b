import type { Policy } from '../../policy/policy.ts';
import type { Attempt, Fault } from '../fault.ts';
import { signal } from '../undo.ts';

/** Its own end and three spaced starts. */
const DEATHS = 4;
const FEWEST = 2;

/** Killed as soon as it is there, again and again: to the third spacing, or with --full until it is given up. */
export const CRASH_LOOP: Fault = {
  name: 'crash-loop',
  what: `kill it each time it is started, ${DEATHS} times (--full: until its limit is reached)`,
  cause: 'crash',
  showsInChecks: false,
  async prepare({ backend: { name, policy }, pids, apps, isFull }): Promise<Attempt | string> {
    const deaths = isFull ? policy.maxRestarts + 1 : Math.min(DEATHS, policy.maxRestarts - 1);
    if (deaths < FEWEST) return `max_restarts (${policy.maxRestarts}) leaves no room for a loop`;
    const killed = new Set(pids.slice(0, 1));
    return {
      undoing: { struck: [] },
      doomed: killed,
      lastsMs: spacingMs(policy, deaths),
      async bring() {
        for (const pid of killed) signal(pid, 'SIGKILL');
        return `killed, the first of ${deaths} times`;
      },
      async isOver({ records }) {
        if (records.some(({ what }) => what === 'give-up')) return true;
        if (killed.size >= deaths) return !isFull;
        const fresh = (await apps()).find((app) => app.name === name && app.pid > 0 && isNew(app.pid, pids, killed));
        if (fresh !== undefined && signal(fresh.pid, 'SIGKILL')) killed.add(fresh.pid);
        return false;
      },
    };
  },
};

/** Of a cluster the same worker is struck each time: the others were there before. */
function isNew(pid: number, before: readonly number[], killed: ReadonlySet<number>): boolean {
  return !before.includes(pid) && !killed.has(pid);
}

/** What the starts between so many deaths are apart, all together. */
function spacingMs({ backoff: { initialMs, factor, maxMs, jitter } }: Policy, deaths: number): number {
  const delays = Array.from({ length: deaths }, (_, i) => Math.min(maxMs, initialMs * factor ** i * (1 + jitter)));
  return delays.reduce((sum, delay) => sum + delay, 0);
}
