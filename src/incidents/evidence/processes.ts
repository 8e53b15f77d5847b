import { commandLineOf } from '../../host/command-line.ts';
import type { Host } from '../../host/host.ts';
import { linksOf, listeningSockets } from '../../host/linux/sockets.ts';
import { treesIn } from '../../host/processes/trees.ts';
import type { Hide } from './hide.ts';

/** One process of a backend's tree, as it was. */
export interface ProcessFigures {
  readonly pid: number;
  readonly ppid: number;
  /** The kernel's letter: R runs, S sleeps, D is stuck in the kernel, T was stopped. */
  readonly state: string;
  /** Of one processor, measured just now; null: it ended meanwhile. */
  readonly cpuPercent: number | null;
  /** All of its life. */
  readonly cpuMs: number;
  readonly rssBytes: number | null;
  readonly threads: number;
  /** Open files, sockets and pipes, and the sockets among them. null: it cannot be told. */
  readonly openFiles: number | null;
  readonly sockets: number | null;
  readonly command: string;
}

/** Connections that wait to be accepted on one socket, which several processes may share. */
export interface Waiting {
  /** Its inode, as `ls -l /proc/PID/fd` shows it. */
  readonly socket: string;
  readonly connections: number;
}

/** Two looks so far apart tell how busy a process is. */
const BETWEEN_MS = 50;
/** A tree that is larger is told by its first ones. */
const MOST_PROCESSES = 50;

/**
 * Every process of these trees. Only looks: no process is stopped, signalled or asked.
 * @param wait lets so many ms pass
 */
export async function processFigures(
  host: Host,
  roots: readonly number[],
  hide: Hide,
  wait: (ms: number) => Promise<void>,
): Promise<ProcessFigures[]> {
  const table = await host.processes();
  const began = performance.now();
  const pids = [...new Set(roots.flatMap(treesIn(table)))].slice(0, MOST_PROCESSES);
  const resident = await host.residentBytesOf(pids);
  const told = await Promise.all(
    pids.map(async (pid) => ({
      openFiles: await host.descriptorsOf([pid]),
      sockets: host.by === 'proc' ? linksOf(pid).filter((link) => link.startsWith('socket:')).length : null,
      command: hide(await commandLineOf(host, pid)),
    })),
  );
  await wait(BETWEEN_MS);
  const later = await host.rowsOf(pids);
  const passed = performance.now() - began;
  return pids.flatMap((pid, i) => {
    const [row, after, more] = [table.get(pid), later.get(pid), told[i]];
    if (row === undefined || more === undefined) return [];
    const { ppid, state, cpuMs, threads } = row;
    const cpuPercent = after === undefined ? null : Math.max(0, Math.round(((after.cpuMs - cpuMs) / passed) * 100));
    return [{ pid, ppid, state, cpuPercent, cpuMs, rssBytes: resident?.get(pid) ?? null, threads, ...more }];
  });
}

/** The accept queues of what listens on the port, one for each socket; [] where the system does not tell. */
export function acceptQueues({ by }: Pick<Host, 'by'>, port: number | null): Waiting[] {
  if (port === null || by !== 'proc') return [];
  return listeningSockets()
    .filter((socket) => socket.port === port)
    .map(({ inode, waiting }) => ({ socket: inode, connections: waiting }));
}
