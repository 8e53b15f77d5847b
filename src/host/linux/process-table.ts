import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { ProcessRow, ProcessTable } from '../processes/process-row.ts';

/** USER_HZ: the unit of times in /proc, 100 a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** All processes that this user may see, in one read: about 10 µs for each. */
export function readProcessTable(): ProcessTable {
  return readRows(readdirSync('/proc').map(Number).filter(Number.isInteger));
}

/** See Host.childrenOf. null too where the kernel has no such file (CONFIG_PROC_CHILDREN). */
export function childrenOf(pid: number): readonly number[] | null {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return null;
  }
}

/** See Host.ageMsOf. */
export function ageMsOf(pid: number): number | null {
  const row = readRows([pid]).get(pid);
  if (row === undefined) return null;
  return Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1_000 - row.startTime * MS_PER_TICK;
}

export function readRows(pids: readonly number[]): ProcessTable {
  const table = new Map<number, ProcessRow>();
  const buffer = Buffer.alloc(1024);
  for (const pid of pids) {
    const row = readStat(pid, buffer);
    if (row !== null) table.set(pid, row);
  }
  return table;
}

function readStat(pid: number, buffer: Buffer): ProcessRow | null {
  let file: number;
  try {
    file = openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return null;
  }
  try {
    return parseStat(buffer.toString('latin1', 0, readSync(file, buffer)));
  } catch {
    return null; // It ended between the two calls.
  } finally {
    closeSync(file);
  }
}

/** A line of /proc/PID/stat, see proc(5). The name in parentheses may itself hold spaces and parentheses. */
export function parseStat(line: string): ProcessRow {
  const field = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (at: number) => Number(field[at]);
  return {
    pid: Number.parseInt(line, 10),
    state: field[0] ?? '',
    ppid: number(1),
    session: number(3),
    cpuMs: (number(11) + number(12) + number(13) + number(14)) * MS_PER_TICK,
    threads: number(17),
    startTime: number(19),
  };
}
