import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineOf } from './command-line.ts';
import { holdersOf, listeningSockets } from './listeners.ts';
import { carriesMarker, isOrphan, type MarkedApp } from './marker.ts';
import { readProcess, readProcessTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';

/** A holder that stays unseen lives in a container that shares this network; then it is a process of its user, without a pid. */
const MAX_LOOKS = 4;

/** Who listens on a port. */
export interface Listener {
  /** null: a process of another user, whose pid the kernel does not tell. */
  readonly pid: number | null;
  /** Its command line without secrets; without a pid: 'a process of user NAME'. */
  readonly command: string;
}

/** Who holds a backend's port though none of its processes does; the same shape as the policy's PortHolder. */
export interface Holder extends Listener {
  readonly kind: 'stranger' | 'orphan';
}

export interface PortClaim extends MarkedApp {
  /**
   * The processes that PM2 runs for this app. In cluster mode PM2's daemon itself listens for the workers: its pid belongs here too.
   * Their whole trees count, so uvicorn's workers need not be named.
   */
  readonly ownPids: readonly number[];
}

/** Who listens on the port, on any address, IPv4 or IPv6; null when nobody does, or where it can't be told (not Linux). Of several, the oldest. */
export async function listenerOf(port: number): Promise<Listener | null> {
  const found = await findHolders(port, []);
  return found && describe(found.holders, found.uid);
}

/**
 * Who keeps the backend from its port. null: it is free, or one of its own processes has it.
 * 'orphan': a process of this very app that PM2 lost, see {@link isOrphan}. Everybody else is a 'stranger'; so is another app of ours.
 */
export async function holderOf(port: number, { app, pm2Home, ownPids }: PortClaim): Promise<Holder | null> {
  const own = ownTrees(ownPids);
  const found = await findHolders(port, own);
  if (found === null || found.holders.some((pid) => own.includes(pid))) return null;
  const { holders, uid } = found;
  const listener = describe(holders, uid);
  const marked = { app, pm2Home };
  if (holders.length === 0 || !holders.every((pid) => carriesMarker(pid, marked))) return { kind: 'stranger', ...listener };
  // Marked and below PM2's daemon: started in the meantime, and not yet among `ownPids`.
  return holders.every((pid) => isOrphan(pid, marked)) ? { kind: 'orphan', ...listener } : null;
}

/**
 * The port's listeners by pid, among `first` before all others; null when nobody listens. Our own user's, or anybody's for root,
 * would be seen: where none is, it ended between the two looks or is just ending, so the port is looked at again a little later.
 */
async function findHolders(port: number, first: readonly number[]): Promise<{ holders: number[]; uid: number } | null> {
  for (let looks = 1; ; looks++) {
    const sockets = listeningSockets(port) ?? [];
    const [socket] = sockets;
    if (socket === undefined) return null;
    const holders = await holdersOf(sockets, first);
    const visible = process.getuid?.() === 0 || process.getuid?.() === socket.uid;
    if (holders.length > 0 || !visible || looks === MAX_LOOKS) return { holders, uid: socket.uid };
    await sleep(10);
  }
}

function ownTrees(ownPids: readonly number[]): number[] {
  const table = ownPids.length > 0 ? readProcessTable() : new Map();
  return [...new Set(ownPids.flatMap((pid) => [pid, ...treeOf(pid, table)]))];
}

/** A socket is often shared by a parent and its workers: the oldest of them stands for all. */
function describe(holders: readonly number[], uid: number): Listener {
  const rows = holders.flatMap((pid) => readProcess(pid) ?? []);
  const [oldest] = rows.sort((a, b) => a.startTime - b.startTime || a.pid - b.pid);
  return oldest
    ? { pid: oldest.pid, command: commandLineOf(oldest.pid) }
    : { pid: null, command: `a process of user ${userName(uid)}` };
}

function userName(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(uid));
    return line?.split(':')[0] ?? String(uid);
  } catch {
    return String(uid);
  }
}
