import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineOf } from '../command-line.ts';
import type { Host, Listeners } from '../host.ts';
import { carriesMarker, isOrphan, type MarkedApp } from '../orphans/marker.ts';
import { treesIn } from '../processes/trees.ts';

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
  /** It was there before all of the app's own processes, so that none of them can have started it. */
  readonly earlier: boolean;
}

export interface PortClaim extends MarkedApp {
  /**
   * The processes that PM2 runs for this app. In cluster mode PM2's daemon itself listens for the workers: its pid belongs here too.
   * Their whole trees count, so uvicorn's workers need not be named.
   */
  readonly ownPids: readonly number[];
}

/** Who listens on the port, on any address, IPv4 or IPv6; null when nobody does, or where it can't be told. Of several, the oldest. */
export async function listenerOf(host: Host, port: number): Promise<Listener | null> {
  const found = await findListeners(host, port, []);
  return found && describe(host, found);
}

/**
 * Who keeps the backend from its port. null: it is free, or one of its own processes has it.
 * 'orphan': a process of this very app that PM2 lost, see isOrphan. Everybody else is a 'stranger'; so is another app of ours.
 * @throws HostError when the processes can't be listed
 */
export async function holderOf(host: Host, port: number, claim: PortClaim): Promise<Holder | null> {
  const { ownPids, ...marked } = claim;
  const [own, found] = await Promise.all([ownTrees(host, ownPids), findListeners(host, port, ownPids)]);
  if (found === null || found.pids.some((pid) => own.includes(pid))) return null;
  const everyone = async (is: typeof carriesMarker) =>
    (await Promise.all(found.pids.map((pid) => is(host, pid, marked)))).every(Boolean);
  const [described, earlier, allMarked] = await Promise.all([
    describe(host, found),
    isEarlier(host, found.pids, ownPids),
    everyone(carriesMarker),
  ]);
  const listener = { ...described, earlier };
  if (found.pids.length === 0 || !allMarked) return { kind: 'stranger', ...listener };
  // Marked and below PM2's daemon: started in the meantime, and not yet among `ownPids`.
  return (await everyone(isOrphan)) ? { kind: 'orphan', ...listener } : null;
}

/**
 * The port's listeners; null when nobody listens. Our own user's, or anybody's for root, would be seen: where none is, it ended
 * between the two looks or is just ending, so the port is looked at again a little later.
 */
async function findListeners(host: Host, port: number, first: readonly number[]): Promise<Listeners | null> {
  for (let looks = 1; ; looks++) {
    const found = await host.listenersOn(port, first);
    if (found === null) return null;
    const uid = process.getuid?.();
    const visible = uid === 0 || found.uid === null || uid === found.uid;
    if (found.pids.length > 0 || !visible || looks === MAX_LOOKS) return found;
    await sleep(10);
  }
}

async function isEarlier(host: Host, holders: readonly number[], ownPids: readonly number[]): Promise<boolean> {
  const rows = await host.rowsOf([...holders, ...ownPids]);
  const startOf = (pids: readonly number[]) => pids.flatMap((pid) => rows.get(pid)?.startTime ?? []);
  const [theirs, own] = [startOf(holders), startOf(ownPids)];
  if (theirs.length === 0 || own.length === 0) return false;
  const [first, ours] = [Math.min(...theirs), Math.min(...own)];
  return first < ours && !host.isSameStart(first, ours);
}

async function ownTrees(host: Host, ownPids: readonly number[]): Promise<number[]> {
  if (ownPids.length === 0) return [];
  const treeOf = treesIn(await host.processes());
  return [...new Set(ownPids.flatMap((pid) => [pid, ...treeOf(pid)]))];
}

/** A socket is often shared by a parent and its workers: the oldest of them stands for all. */
async function describe(host: Host, { pids, uid }: Listeners): Promise<Listener> {
  const rows = await host.rowsOf(pids);
  const [oldest] = [...rows.values()].sort((a, b) => a.startTime - b.startTime || a.pid - b.pid);
  if (oldest !== undefined) return { pid: oldest.pid, command: await commandLineOf(host, oldest.pid) };
  return { pid: null, command: uid === null ? 'a process of another user' : `a process of user ${userName(uid)}` };
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
