import type { PortWorker } from '../host.ts';
import { isDead, type ProcessTable } from '../processes/process-row.ts';
import { ancestorsOf, treesIn } from '../processes/trees.ts';
import { readProcessTable, readRows } from './process-table.ts';
import { type ListeningSocket, linksOf, listeningSockets } from './sockets.ts';
import { environmentOf } from './words.ts';

/** Node gives it to each worker of its cluster. */
const CLUSTER_VARIABLE = 'NODE_UNIQUE_ID';

interface Asked {
  readonly port: number | null;
  readonly pids: readonly number[];
}

/**
 * See Host.portWorkersOf: 2 to 7 ms where 130 processes run, the most of it for the table, which is read once for all of them. One whose
 * sockets are all open in processes below it is no worker but their parent, which keeps them for the next ones. The workers of Node's
 * cluster, PM2's or one of their own, listen nowhere, and are handed their connections: they are known by who started them, and why.
 */
export function portWorkersOf(asked: readonly Asked[]): PortWorker[][] {
  if (asked.length === 0) return [];
  const table = readProcessTable();
  const treeOf = treesIn(table);
  const sockets = listeningSockets();
  return asked.map(({ port, pids }) => {
    const tree = [...new Set(pids.flatMap(treeOf))];
    if (tree.length < 2) return [];
    const own = sockets.filter((socket) => socket.port === port);
    const listening = workersAmong(tree, own, table);
    const handed = listening.length > 1 ? [] : handedTheirs(tree, pids);
    const workers = handed.length > 0 ? handed.flatMap((pid) => withoutSocket('worker', pid, table)) : listening;
    const above = new Set(workers.flatMap(({ pid }) => ancestorsOf(pid, table)));
    const parents = pids.filter((pid) => above.has(pid) && workers.every((worker) => worker.pid !== pid));
    return [...workers, ...parents.flatMap((pid) => withoutSocket('parent', pid, table))];
  });
}

/** PM2 has several processes for its cluster alone; of Node's own the parent is one, and the variable tells its workers. */
function handedTheirs(tree: readonly number[], pids: readonly number[]): readonly number[] {
  if (pids.length > 1) return pids;
  return tree.filter((pid) => !pids.includes(pid) && environmentOf(pid)?.has(CLUSTER_VARIABLE));
}

function withoutSocket(role: PortWorker['role'], pid: number, table: ProcessTable): PortWorker[] {
  const row = table.get(pid);
  if (row === undefined || isDead(row)) return [];
  const { startTime, state, cpuMs } = row;
  return [{ role, pid, startTime, state, cpuMs, inodes: [], waiting: 0, shared: true }];
}

function workersAmong(tree: readonly number[], sockets: readonly ListeningSocket[], table: ProcessTable): PortWorker[] {
  if (sockets.length === 0) return [];
  const holders = new Map<number, readonly string[]>();
  for (const pid of tree) {
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
    return [{ role: 'worker', pid, startTime, state, cpuMs, inodes, waiting: waitingIn(inodes, sockets), shared }];
  });
}

/**
 * See Host.lookAtWorkers. Their accept queues are read only where they are their own: in a shared one nothing waits for one of them.
 */
export function lookAtWorkers(workers: readonly PortWorker[]): PortWorker[] {
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
