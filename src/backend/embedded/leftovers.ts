import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const FAST_MS = 8_000;
const IMMEDIATE_MS = 6_000;

/**
 * Ends a server that still runs on this data: its wrapper was killed, and it lived on. Its processes are told by their working
 * directory, which is the data folder, so that a pid of old that is somebody else's by now is left alone. A power cut leaves
 * a `postmaster.pid` and no process: PostgreSQL sorts that out by itself, unless the pid is another process of its user's by
 * now, which is likely after a boot, where pids are low and the same few: it would take that one for a server and refuse.
 * @returns the postmaster's pid if there was one. @throws Error when its processes do not end.
 */
export async function endLeftover(cluster: string, say: (line: string) => void): Promise<number | null> {
  const pid = postmasterPid(cluster);
  if (processesIn(cluster).length === 0) {
    if (pid !== null && existsSync(`/proc/${pid}`)) rmSync(join(cluster, 'postmaster.pid'), { force: true });
    return null;
  }
  if (pid !== null && processesIn(cluster).includes(pid)) {
    say(`a server (pid ${pid}) still runs on ${cluster}: its wrapper is gone; stopping it`);
    signal(pid, 'SIGINT', 'SIGCONT');
    if (!(await ended(cluster, FAST_MS))) signal(pid, 'SIGQUIT', 'SIGCONT');
  }
  if (!(await ended(cluster, IMMEDIATE_MS))) {
    throw new Error(`processes ${processesIn(cluster).join(', ')} still use ${cluster} and do not end`);
  }
  return pid;
}

/** From the file that the server keeps in its data folder while it runs, or null. */
export function postmasterPid(cluster: string): number | null {
  const pid = Number(postmasterFile(cluster)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** `starting`, `ready`, `stopping`, … as the server itself says, once it has got so far. */
export function postmasterStatus(cluster: string): string {
  return postmasterFile(cluster)[7]?.trim() ?? '';
}

function postmasterFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function ended(cluster: string, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (processesIn(cluster).length > 0) {
    if (performance.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/** Without /proc (not Linux): none known; a running server's own lock then keeps a second one off. */
function processesIn(folder: string): number[] {
  return pids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function signal(pid: number, ...signals: NodeJS.Signals[]): void {
  for (const name of signals) {
    try {
      process.kill(pid, name);
    } catch {
      // It has just ended.
    }
  }
}
