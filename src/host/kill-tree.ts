import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineOf } from './command-line.ts';
import { isAlive, isDead, type ProcessRow, type ProcessTable, readProcessTable } from './process-table.ts';
import { ancestorsOf, treeOf } from './process-tree.ts';

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

/** Against a tree that grows as fast as it is frozen. A scan takes 2 ms where 200 processes run. */
const MAX_SCANS = 50;
/** A process of another user, or one inside the kernel, may never stand still: it is not waited for. */
const SCANS_FOR_STRAGGLERS = 4;
/** Stopped, traced, or asleep in the kernel: it does not fork. */
const STANDSTILL = new Set(['T', 't', 'D']);

/**
 * Signals a process and everything below it (see {@link treeOf}) and says to whom it went.
 *
 * SIGKILL is thorough: the tree is frozen first, from its root on and again until no scan finds anybody new, so that nothing
 * forks out of it meanwhile; then killed; then waited for. Any other signal is sent once, to all, and not waited for.
 * Before each signal the process is compared with the one that was listed: a pid that was reused is left alone.
 * @throws RangeError for pid 1, this process, or one of its ancestors (PM2's daemon is one): never meant
 */
export async function killTree(pid: number, signal: NodeJS.Signals, options: KillOptions = {}): Promise<SignalledProcess[]> {
  const table = readProcessTable();
  if (!(pid > 1) || pid === process.pid || ancestorsOf(process.pid, table).includes(pid)) {
    throw new RangeError(`pid ${pid} is this process or one above it: its tree is not to be killed`);
  }
  const startTime = options.startTime ?? table.get(pid)?.startTime;
  const scan = () => liveTree(pid, startTime);
  if (signal !== 'SIGKILL') {
    return described(scan().filter((row) => send(row, signal))).map((row) => ({ ...row, gone: false }));
  }
  const frozen = freeze(scan);
  const listed = described(frozen);
  for (const row of frozen) send(row, 'SIGKILL');
  const end = performance.now() + (options.deadlineMs ?? 2_000);
  while (performance.now() < end) {
    const left = [...frozen.filter(isAlive), ...scan()];
    if (left.length === 0) break;
    for (const row of left) send(row, 'SIGKILL');
    await sleep(5);
  }
  return listed.map(({ pid, command }, at) => ({ pid, command, gone: !isAliveAt(frozen, at) }));
}

function liveTree(pid: number, startTime: number | undefined): ProcessRow[] {
  const table: ProcessTable = readProcessTable();
  const root = table.get(pid);
  if (root !== undefined && !isDead(root) && root.startTime !== startTime) return [];
  return treeOf(pid, table).flatMap((member) => (member === process.pid ? [] : (table.get(member) ?? [])));
}

/** SIGSTOP to all, again and again until a scan finds nobody new and all stand still; who was found, in the order of finding. */
function freeze(scan: () => ProcessRow[]): ProcessRow[] {
  const frozen = new Map<number, ProcessRow>();
  let scansWithoutNew = 0;
  for (let round = 0; round < MAX_SCANS && scansWithoutNew < SCANS_FOR_STRAGGLERS; round++) {
    const found = scan();
    const fresh = found.filter((row) => !frozen.has(row.pid));
    const moving = found.filter((row) => !STANDSTILL.has(row.state));
    if (fresh.length === 0 && moving.length === 0) break;
    for (const row of new Set([...fresh, ...moving])) {
      send(row, 'SIGSTOP');
      frozen.set(row.pid, row);
    }
    scansWithoutNew = fresh.length === 0 ? scansWithoutNew + 1 : 0;
  }
  return [...frozen.values()];
}

function send(row: ProcessRow, signal: NodeJS.Signals): boolean {
  if (!isAlive(row)) return false;
  try {
    return process.kill(row.pid, signal);
  } catch {
    return false; // It ended just now, or belongs to another user.
  }
}

function described(rows: readonly ProcessRow[]): { pid: number; command: string }[] {
  return rows.map(({ pid }) => ({ pid, command: commandLineOf(pid) }));
}

function isAliveAt(rows: readonly ProcessRow[], at: number): boolean {
  const row = rows[at];
  return row !== undefined && isAlive(row);
}
