import type { Host } from '../host.ts';
import { isDead, type ProcessId } from './process-row.ts';

/** See ProcessRow.startTime; null when there is no such process, or it is dead. @throws HostError when it can't be told */
export async function startTimeOf(host: Pick<Host, 'rowsOf'>, pid: number): Promise<number | null> {
  const row = (await host.rowsOf([pid])).get(pid);
  return row === undefined || isDead(row) ? null : row.startTime;
}

/** Those of the processes that still live, and are not others of the same pids by now. @throws HostError when it can't be told */
export async function aliveOf<P extends ProcessId>(host: Pick<Host, 'rowsOf' | 'isSameStart'>, met: readonly P[]): Promise<P[]> {
  if (met.length === 0) return [];
  const rows = await host.rowsOf(met.map(({ pid }) => pid));
  return met.filter(({ pid, startTime }) => {
    const row = rows.get(pid);
    return row !== undefined && !isDead(row) && host.isSameStart(row.startTime, startTime);
  });
}

/** Whether a process of this pid runs, whoever's it is. Needs no table: one system call. A dead one that is not reaped yet counts. */
export function pidExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
