import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { WatchedBackend } from '../../config/resolved.ts';
import type { Host } from '../../host/host.ts';
import { memoryOfTrees } from '../../host/memory/tree-usage.ts';
import { treesIn } from '../../host/processes/trees.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import type { Machine, Usage } from '../facts.ts';

/** What the processes of each backend use. */
export async function usageOf(
  host: Host,
  backends: readonly Pick<WatchedBackend, 'name' | 'policy'>[],
  processes: readonly Pm2Process[],
): Promise<Usage[]> {
  const treeOf = treesIn(await host.processes());
  return Promise.all(
    backends.map(async ({ name, policy }) => {
      const roots = processes.filter((process) => process.name === name && process.pid > 0).map(({ pid }) => pid);
      const limitBytes = policy.maxMemoryBytes;
      const [memoryBytes = null] =
        roots.length === 0
          ? []
          : await memoryOfTrees(host, [{ pids: roots, limitBytes: limitBytes ?? Number.POSITIVE_INFINITY }]);
      return { backend: name, memoryBytes, limitBytes, files: await nearestToLimit(host, [...new Set(roots.flatMap(treeOf))]) };
    }),
  );
}

async function nearestToLimit(host: Host, pids: readonly number[]): Promise<Usage['files']> {
  const all = await Promise.all(
    pids.map(async (pid) => {
      const [open, limit] = [await host.descriptorsOf([pid]), softLimit(pid)];
      return open === null || limit === null ? [] : [{ pid, open, limit }];
    }),
  );
  return all.flat().sort((a, b) => b.open / b.limit - a.open / a.limit)[0] ?? null;
}

/** Of open files. null: it cannot be told, or there is none. */
function softLimit(pid: number): number | null {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1')) ?? [];
    return limit === undefined ? null : Number(limit);
  } catch {
    return null;
  }
}

/** What a new process could have: what is free, and what the kernel would give up of its caches. */
export function machineMemory(): Machine {
  return { availableBytes: meminfo('MemAvailable') ?? freemem(), totalBytes: totalmem() };
}

function meminfo(name: string): number | null {
  try {
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/meminfo', 'latin1')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
