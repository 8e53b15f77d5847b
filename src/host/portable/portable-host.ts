import { connect } from 'node:net';
import type { Host, Listeners } from '../host.ts';
import { descriptorsOf, listenersBy, openFilesOf, writersOf } from './lsof.ts';
import { allProcesses, argumentsOf, environmentOf, environmentsOf, residentBytesOf, rowsOf } from './ps.ts';

/** ps counts a start from the boot and the clock, and so tells the same one a second earlier or later. */
const START_TOLERANCE_MS = 1_500;
/** Loopback answers at once; it is our own process that may be late to hear it. */
const CONNECT_MS = 1_000;

/**
 * By `ps` and `lsof`, which every Unix has: for macOS, and for Linux in the tests. What they do not tell stays unknown: whether a process
 * is asleep, what the OOM killer did, memory that is shared, other users' open files.
 */
export function portableHost(platform: NodeJS.Platform = process.platform): Host {
  return {
    by: 'ps',
    processes: allProcesses,
    rowsOf,
    isSameStart: (a, b) => Math.abs(a - b) <= START_TOLERANCE_MS,
    argumentsOf,
    environmentOf,
    environmentsOf,
    listenersOn,
    async listeningPortsOf(pids) {
      const ports = await listenersBy({ pids });
      return ports && [...new Set([...ports.values()].flat())].sort((a, b) => a - b);
    },
    portWorkersOf: async (asked) => asked.map(() => []),
    lookAtWorkers: async () => [],
    residentBytesOf,
    exactBytesOf: async () => null,
    descriptorsOf,
    oomKills: () => null,
    openFilesOf,
    writersOf: (path) => writersOf(path, platform),
    watchSleep: () => null,
    childrenOf: () => null,
    ageMsOf: () => null,
    preemptions: () => null,
  };
}

/** A listener of another user is not to be seen: whether there is one is told by whether it answers. */
async function listenersOn(port: number): Promise<Listeners | null> {
  const seen = await listenersBy({ port });
  if (seen !== null && seen.size > 0) return { pids: [...seen.keys()], uid: null };
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => accepts(host, port)));
  return answers.includes(true) ? { pids: [], uid: null } : null;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
