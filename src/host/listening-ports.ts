import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseListeners } from './listeners.ts';
import { readProcessTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';

/** The TCP ports that these processes or any below them listen on, in order. [] where it can't be told (not Linux, another user's). */
export function listeningPortsOf(pids: readonly number[]): number[] {
  if (process.platform !== 'linux' || pids.length === 0) return [];
  const table = readProcessTable();
  const ports = new Map(sockets().map(({ inode, port }) => [`socket:[${inode}]`, port]));
  const open = pids.flatMap((pid) => treeOf(pid, table)).flatMap(linksOf);
  return [...new Set(open.flatMap((link) => ports.get(link) ?? []))].sort((a, b) => a - b);
}

function sockets() {
  return ['tcp', 'tcp6'].flatMap((family) => {
    try {
      return parseListeners(readFileSync(`/proc/net/${family}`, 'latin1'));
    } catch {
      return []; // No IPv6 in this kernel.
    }
  });
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return [];
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
