/** One process of this machine, as the system lists it. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  /** The pid of its session's leader (`ps`: of its process group). PM2 starts each fork-mode app as the leader of a session of its own. */
  readonly session: number;
  /** The kernel's letter: R, S, D, T (stopped), Z (dead, not reaped yet). */
  readonly state: string;
  /**
   * When it started: clock ticks since boot on Linux, ms since 1970 elsewhere. Never compare those of two machines, boots or makings:
   * with the pid it tells this process from a later one of the same number (see Host.isSameStart).
   */
  readonly startTime: number;
  readonly threads: number;
  /** Of itself and of its children that ended, in ms. */
  readonly cpuMs: number;
}

/** A process that was met, and not a later one of the same pid. */
export type ProcessId = Pick<ProcessRow, 'pid' | 'startTime'>;

export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/** It has ended with all of its threads. A first thread that ended alone shows as Z too, while the others still hold ports and files. */
export function isDead(row: ProcessRow): boolean {
  return row.state === 'X' || (row.state === 'Z' && row.threads <= 1);
}
