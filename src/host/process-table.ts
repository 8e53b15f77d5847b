import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** One process of this machine, as the kernel lists it. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  /** The pid of its session's leader. PM2 starts each fork-mode app as the leader of a session of its own. */
  readonly session: number;
  /** The kernel's letter: R, S, D, T (stopped), Z (dead, not reaped yet). */
  readonly state: string;
  /**
   * When it started: clock ticks since boot on Linux, ms since 1970 elsewhere. Never compare those of two machines or boots:
   * with the pid it tells this process from a later one of the same number.
   */
  readonly startTime: number;
  readonly threads: number;
  /** Of itself and of its children that ended, in ms. */
  readonly cpuMs: number;
}

export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/** USER_HZ: the unit of times in /proc, 100 a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** All processes that this user may see, in one read: about 10 µs for each on Linux. Elsewhere `ps` is asked, once. */
export function readProcessTable(): ProcessTable {
  return process.platform === 'linux' ? readProc() : readPs();
}

/** One process; null when there is none (or it can't be seen). A dead one that is not reaped yet has the state Z. */
export function readProcess(pid: number): ProcessRow | null {
  if (process.platform !== 'linux') return readPs().get(pid) ?? null;
  return readStat(pid, Buffer.alloc(1024));
}

/** See {@link ProcessRow.startTime}; null when there is no such process, or it is dead. */
export function startTimeOf(pid: number): number | null {
  const row = readProcess(pid);
  return row === null || isDead(row) ? null : row.startTime;
}

/** It has ended with all of its threads. A first thread that ended alone shows as Z too, while the others still hold ports and files. */
export function isDead(row: ProcessRow): boolean {
  return row.state === 'X' || (row.state === 'Z' && row.threads <= 1);
}

/** The process that the pid meant when its start time was read, and not a later one, still lives. */
export function isAlive({ pid, startTime }: Pick<ProcessRow, 'pid' | 'startTime'>): boolean {
  return startTimeOf(pid) === startTime;
}

function readProc(): ProcessTable {
  const table = new Map<number, ProcessRow>();
  const buffer = Buffer.alloc(1024);
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const row = Number.isInteger(pid) ? readStat(pid, buffer) : null;
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

function readPs(): ProcessTable {
  const env = { ...process.env, LC_ALL: 'C' };
  const columns = 'pid=,ppid=,pgid=,state=,time=,lstart=';
  try {
    return parsePs(execFileSync('ps', ['-A', '-o', columns], { encoding: 'utf8', env, timeout: 2_000, maxBuffer: 1 << 25 }));
  } catch {
    return new Map();
  }
}

/** What `ps -A -o pid=,ppid=,pgid=,state=,time=,lstart=` prints. ps has no portable column for the session, so the process group stands in. */
export function parsePs(output: string): ProcessTable {
  const table = new Map<number, ProcessRow>();
  for (const line of output.split('\n')) {
    const [pid, ppid, group, state = '', time = '', ...started] = line.trim().split(/\s+/);
    const startTime = Date.parse(started.join(' '));
    if (pid === undefined || Number.isNaN(startTime)) continue;
    const row = { pid: Number(pid), ppid: Number(ppid), session: Number(group), state: state.slice(0, 1), startTime };
    table.set(row.pid, { ...row, threads: 1, cpuMs: clockMs(time) });
  }
  return table;
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function clockMs(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), Number(days) * 0);
  return Math.round((seconds + Number(days) * 86_400) * 1000);
}
