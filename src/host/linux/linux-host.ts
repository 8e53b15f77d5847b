import type { Host } from '../host.ts';
import { HostError } from '../host-error.ts';
import { exactBytesOf, residentBytesOf } from './memory.ts';
import { oomKills } from './oom-count.ts';
import { descriptorsOf, openFilesOf } from './open-files.ts';
import { lookAtWorkers, portWorkersOf } from './port-workers.ts';
import { ageMsOf, childrenOf, readProcessTable, readRows } from './process-table.ts';
import { preemptions, watchSleep } from './sleep-watch.ts';
import { listenersOn, listeningPortsOf } from './sockets.ts';
import { argumentsOf, environmentOf } from './words.ts';
import { writersOf } from './writers.ts';

/** All of it from /proc: no program is started. */
export function linuxHost(): Host {
  return {
    by: 'proc',
    async processes() {
      try {
        return readProcessTable();
      } catch (error) {
        throw new HostError('/proc cannot be read', { cause: error });
      }
    },
    rowsOf: async (pids) => readRows(pids),
    isSameStart: (a, b) => a === b,
    argumentsOf: async (pid) => argumentsOf(pid),
    environmentOf: async (pid) => environmentOf(pid),
    async environmentsOf(pids) {
      return new Map(
        pids.flatMap((pid) => {
          const environment = environmentOf(pid);
          return environment === null ? [] : [[pid, environment] as const];
        }),
      );
    },
    listenersOn,
    listeningPortsOf: async (pids) => listeningPortsOf(pids),
    portWorkersOf: async (asked) => portWorkersOf(asked),
    lookAtWorkers: async (workers) => lookAtWorkers(workers),
    residentBytesOf,
    exactBytesOf: async (pids) => exactBytesOf(pids),
    descriptorsOf: async (pids) => descriptorsOf(pids),
    oomKills,
    openFilesOf: async (pids) => new Map(pids.map((pid) => [pid, openFilesOf(pid)])),
    writersOf,
    childrenOf,
    ageMsOf,
    watchSleep,
    preemptions,
  };
}
