import { isDead, type ProcessTable } from '../processes/process-row.ts';
import { ancestorsOf, treesIn } from '../processes/trees.ts';
import { readProcessTable, readRows } from './process-table.ts';
import { type ListeningSocket, linksOf, listeningSockets } from './sockets.ts';

/** One of the processes that take connections on a port. */
export interface PortWorker {
  readonly pid: number;
  /** Ticks since boot, as in a ProcessRow: with the pid it tells this process from a later one. */
  readonly startTime: number;
  /** The kernel's letter: R, S, D (stuck in the kernel), T (stopped). */
  readonly state: string;
  /** Processor time so far, ms: of one that spins it grows by all of the time. */
  readonly cpuMs: number;
  /** The sockets that it listens on. */
  readonly inodes: readonly string[];
  /** Connections that wait in these to be accepted. */
  readonly waiting: number;
  /** Others listen on the same socket: what waits there waits for any of them. With SO_REUSEPORT each has one of its own. */
  readonly shared: boolean;
}

/**
 * The processes that take connections on a port, of these trees: 2 to 7 ms where 130 processes run, so who they are is looked up seldom, and how
 * they are with {@link lookAgain}. One whose sockets are all open in processes below it is no worker but their parent, which keeps them
 * for the next ones. The workers of Node's cluster are not found: they listen nowhere, and are handed their connections.
 * @param table read once when several backends are asked for in one go
 */
export function portWorkersOn(port: number, roots: readonly number[], table: ProcessTable = readProcessTable()): PortWorker[] {
  const sockets = listeningSockets().filter((socket) => socket.port === port);
  if (sockets.length === 0) return [];
  const holders = new Map<number, readonly string[]>();
  for (const pid of new Set(roots.flatMap(treesIn(table)))) {
    const links = new Set(linksOf(pid));
    const held = sockets.flatMap(({ inode }) => (links.has(`socket:[${inode}]`) ? [inode] : []));
    if (held.length > 0) holders.set(pid, held);
  }
  // Of each process: the sockets that processes below it have open too.
  const below = new Map<number, Set<string>>();
  for (const [pid, held] of holders)
    for (const above of ancestorsOf(pid, table)) below.set(above, new Set([...(below.get(above) ?? []), ...held]));
  const workers = [...holders].filter(([pid, held]) => held.some((inode) => !below.get(pid)?.has(inode)));
  return workers.flatMap(([pid, inodes]) => {
    const row = table.get(pid);
    if (row === undefined || isDead(row)) return [];
    const { startTime, state, cpuMs } = row;
    const shared = workers.some(([other, others]) => other !== pid && others.some((inode) => inodes.includes(inode)));
    return [{ pid, startTime, state, cpuMs, inodes, waiting: waitingIn(inodes, sockets), shared }];
  });
}

/**
 * The same workers, looked at again: how they are, not who they are. One that has ended, or whose pid is another process by now, is left out.
 * Their accept queues are read only where they are their own: in a shared one nothing waits for one of them.
 */
export function lookAgain(workers: readonly PortWorker[]): PortWorker[] {
  const table = readRows(workers.map(({ pid }) => pid));
  const sockets = workers.some(({ shared }) => !shared) ? listeningSockets() : null;
  return workers.flatMap((worker) => {
    const row = table.get(worker.pid);
    if (row === undefined || isDead(row) || row.startTime !== worker.startTime) return [];
    const waiting = sockets === null ? worker.waiting : waitingIn(worker.inodes, sockets);
    return [{ ...worker, state: row.state, cpuMs: row.cpuMs, waiting }];
  });
}

function waitingIn(inodes: readonly string[], sockets: readonly ListeningSocket[]): number {
  return sockets.reduce((sum, { inode, waiting }) => (inodes.includes(inode) ? sum + waiting : sum), 0);
}
