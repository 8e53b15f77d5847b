import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineOf } from '../command-line.ts';
import type { Host } from '../host.ts';
import { aliveOf } from './is-alive.ts';
import { isDead, type ProcessRow } from './process-row.ts';
import { ancestorsOf, treeOf } from './trees.ts';

export interface SignalledProcess {
  readonly pid: number;
  readonly command: string;
  /** It has ended. With SIGKILL false means: not ours to signal, or stuck in the kernel. */
  readonly gone: boolean;
}

export interface KillOptions {
  /** Of the tree's root, from startTimeOf: when the pid means another process by now, nothing is signalled. */
  readonly startTime?: number;
  /** How long to wait for the processes to end. */
  readonly deadlineMs?: number;
}

/** Scans that find somebody new, against a tree that grows as fast as it is frozen. One takes 2 ms where 200 processes run. */
const MAX_GROWN = 50;
/** A process inside the kernel may never stand still, one without a processor only after a while: nobody is waited for any longer. */
const STRAGGLERS_MS = 250;
const LOOK_EVERY_MS = 2;
/** Stopped or traced: it does not fork. Asleep in the kernel ('D') it may be in the middle of a fork. */
const STANDSTILL = new Set(['T', 't']);
/** A child may be born after the pids were listed and before its parent, seen later in the same scan, stood still. */
const QUIET_SCANS = 2;

/**
 * Signals a process and everything below it (see treeOf) and says to whom it went.
 *
 * SIGKILL is thorough: the tree is frozen first, from its root on and again until no scan finds anybody new, so that nothing
 * forks out of it meanwhile; then killed; then waited for. Any other signal is sent once, to all, and not waited for.
 * Before each signal the process is compared with the one that was listed: a pid that was reused is left alone.
 * @throws RangeError for pid 1, this process, or one of its ancestors (PM2's daemon is one): never meant. HostError when the
 * processes can't be listed
 */
export async function killTree(
  host: Host,
  pid: number,
  signal: NodeJS.Signals,
  options: KillOptions = {},
): Promise<SignalledProcess[]> {
  const table = await host.processes();
  if (!(pid > 1) || pid === process.pid || ancestorsOf(process.pid, table).includes(pid)) {
    throw new RangeError(`pid ${pid} is this process or one above it: its tree is not to be killed`);
  }
  const startTime = options.startTime ?? table.get(pid)?.startTime;
  const scan = () => liveTree(host, pid, startTime);
  if (signal !== 'SIGKILL') {
    const signalled = await send(host, await scan(), signal);
    return (await described(host, signalled)).map((row) => ({ ...row, gone: false }));
  }
  const frozen = await freeze(host, scan);
  const listed = await described(host, frozen);
  await send(host, frozen, 'SIGKILL');
  const end = performance.now() + (options.deadlineMs ?? 2_000);
  while (performance.now() < end) {
    const left = [...(await aliveOf(host, frozen)), ...(await scan())];
    if (left.length === 0) break;
    await send(host, left, 'SIGKILL');
    await sleep(5);
  }
  const left = new Set((await aliveOf(host, frozen)).map((row) => row.pid));
  return listed.map((row) => ({ ...row, gone: !left.has(row.pid) }));
}

async function liveTree(host: Host, pid: number, startTime: number | undefined): Promise<ProcessRow[]> {
  const table = await host.processes();
  const root = table.get(pid);
  if (root !== undefined && !isDead(root) && !(startTime !== undefined && host.isSameStart(root.startTime, startTime))) return [];
  return treeOf(pid, table).flatMap((member) => (member === process.pid ? [] : (table.get(member) ?? [])));
}

/** SIGSTOP to all, again and again until nobody new is found and all stand still; who was found, in the order of finding. */
async function freeze(host: Host, scan: () => Promise<ProcessRow[]>): Promise<ProcessRow[]> {
  const frozen = new Map<number, ProcessRow>();
  let quiet = 0;
  let grown = 0;
  let until = performance.now() + STRAGGLERS_MS;
  while (quiet < QUIET_SCANS && grown < MAX_GROWN && (quiet > 0 || performance.now() < until)) {
    const found = await scan();
    const fresh = found.filter((row) => !frozen.has(row.pid));
    const moving = found.filter((row) => !STANDSTILL.has(row.state));
    const stopped = [...new Set([...fresh, ...moving])];
    await send(host, stopped, 'SIGSTOP');
    for (const row of stopped) frozen.set(row.pid, row);
    quiet = stopped.length === 0 ? quiet + 1 : 0;
    if (fresh.length > 0) {
      grown += 1;
      until = performance.now() + STRAGGLERS_MS;
    } else if (moving.length > 0) await sleep(LOOK_EVERY_MS);
  }
  return [...frozen.values()];
}

/** @returns those that it went to */
async function send(host: Host, rows: readonly ProcessRow[], signal: NodeJS.Signals): Promise<ProcessRow[]> {
  return (await aliveOf(host, rows)).filter(({ pid }) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false; // It ended just now, or belongs to another user.
    }
  });
}

function described(host: Host, rows: readonly ProcessRow[]): Promise<{ pid: number; command: string }[]> {
  return Promise.all(rows.map(async ({ pid }) => ({ pid, command: await commandLineOf(host, pid) })));
}
