import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessTable, readProcessTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';

/** What an app's processes use together. */
export interface TreeUsage {
  /** Resident memory, see {@link treeUsage}. */
  readonly rssBytes: number;
  /** Processor time since the start, of ended children too: the difference of two readings is what was used in between. */
  readonly cpuMs: number;
  readonly threads: number;
  /** Open file descriptors; null where the system does not tell (not Linux, another user's process). */
  readonly openFiles: number | null;
  readonly processes: number;
}

/**
 * Reads what the tree of `pid` uses (see {@link treeOf}); null when none of it lives.
 *
 * Memory is the sum of each process's resident set. That counts a page which several of them share several times: too much,
 * never too little. Only when the sum goes over `exactAboveBytes` and there are several processes is the exact figure read
 * instead (PSS: each page divided by its users), as it costs six times as much (0.3 ms instead of 0.05 ms for 10 MB). So give a
 * memory limit as `exactAboveBytes`: forked workers then don't go over it by counting the same pages again and again.
 * @param table read once when many trees are asked for in one go
 */
export function treeUsage(
  pid: number,
  exactAboveBytes = Number.POSITIVE_INFINITY,
  table: ProcessTable = readProcessTable(),
): TreeUsage | null {
  const rows = treeOf(pid, table).flatMap((member) => table.get(member) ?? []);
  if (rows.length === 0) return null;
  const pids = rows.map((row) => row.pid);
  const sum = residentBytes(pids);
  const exact = sum > exactAboveBytes && rows.length > 1 ? proportionalBytes(pids) : null;
  const openFiles = pids.map(openFilesOf);
  return {
    rssBytes: exact ?? sum,
    cpuMs: rows.reduce((total, row) => total + row.cpuMs, 0),
    threads: rows.reduce((total, row) => total + row.threads, 0),
    openFiles: openFiles.includes(null) ? null : openFiles.reduce<number>((total, count) => total + (count ?? 0), 0),
    processes: rows.length,
  };
}

function residentBytes(pids: readonly number[]): number {
  if (process.platform !== 'linux') return residentBytesByPs(pids);
  return pids.reduce((sum, pid) => sum + (kilobytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m) ?? 0) * 1024, 0);
}

/** null when one of them can't be read: it belongs to another user, or the kernel is older than 4.14. */
function proportionalBytes(pids: readonly number[]): number | null {
  if (process.platform !== 'linux') return null;
  const sizes = pids.map((pid) => kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m));
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0) * 1024, 0);
}

function kilobytes(file: string, pattern: RegExp): number | null {
  try {
    const [, value] = pattern.exec(readFileSync(file, 'latin1')) ?? [];
    return value === undefined ? null : Number(value);
  } catch {
    return null;
  }
}

function residentBytesByPs(pids: readonly number[]): number {
  try {
    const output = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8', timeout: 2_000 });
    return output.split('\n').reduce((sum, line) => sum + (Number(line) || 0) * 1024, 0);
  } catch {
    return 0;
  }
}

function openFilesOf(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}
