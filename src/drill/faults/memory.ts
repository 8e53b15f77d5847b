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
    const taken = await host.residentBytesOf(pids.flatMap(treeOf));
    const bytes = [...(taken?.values() ?? [])].reduce((sum, each) => sum + each, 0);
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

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
