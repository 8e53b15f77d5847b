import type { Host } from '../../host/host.ts';
import { treesIn } from '../../host/processes/trees.ts';
import type { Attempt, Fault } from '../fault.ts';

/** `max_memory` below what it takes, until lifeguard has acted on it. */
export const MEMORY: Fault = {
  name: 'memory',
  what: 'hold it to half of the memory that it takes, until it is restarted',
  cause: 'memory',
  showsInChecks: false,
  async prepare({ pids, host }): Promise<Attempt | string> {
    const treeOf = treesIn(await host.processes());
    const bytes = await takenBy(host, pids.flatMap(treeOf));
    if (bytes === 0) return 'how much memory it takes cannot be told here';
    const maxMemoryBytes = Math.floor(bytes / 2);
    return {
      undoing: { struck: [], maxMemoryBytes },
      doomed: new Set(pids.slice(0, 1)),
      bring: async () => `it takes ${megabytes(bytes)}, and is held to ${megabytes(maxMemoryBytes)}`,
      endsWithRestart: true,
      isOver: async ({ records }) => records.some(({ what, cause }) => what === 'restart' && cause === 'memory'),
    };
  },
};

/** As lifeguard measures it: what processes share counts once. */
async function takenBy(host: Host, pids: readonly number[]): Promise<number> {
  const exact = await host.exactBytesOf(pids);
  if (exact !== null) return exact;
  const resident = await host.residentBytesOf(pids);
  return [...(resident?.values() ?? [])].reduce((sum, each) => sum + each, 0);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
