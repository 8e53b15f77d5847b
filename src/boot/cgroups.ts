import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import { treeOf } from '../host/processes/trees.ts';

/** Control groups of one process: by hierarchy (`''` is the unified one, else the controllers as /proc has them) the path in it. */
export type Groups = ReadonlyMap<string, string>;

/** There where version 2 is all there is, whatever hierarchy of a name somebody has mounted beside it. */
const ONLY_UNIFIED = '/sys/fs/cgroup/cgroup.controllers';

/** The hierarchy by which systemd knows whose a process is: version 1 and hybrid, else the unified one. */
function trackingOf(groups: Groups): string {
  return groups.has('name=systemd') && !existsSync(ONLY_UNIFIED) ? 'name=systemd' : '';
}

/** null: the process is gone, or this is no Linux. */
export function groupsOf(pid: number): Groups | null {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
    return new Map(lines.map((line): [string, string] => [line.split(':')[1] ?? '', line.split(':').slice(2).join(':')]));
  } catch {
    return null;
  }
}

/** Whether systemd takes both for processes of the same unit. */
export function isSameUnit(one: Groups | null, other: Groups | null): boolean {
  const of = (groups: Groups | null) => groups?.get(trackingOf(groups));
  return of(one) !== undefined && of(one) === of(other);
}

/** The name of the unit that a process belongs to, the innermost, such as `pm2-deploy.service`; null: to none. */
export function unitOfProcess(pid: number): string | null {
  const groups = groupsOf(pid);
  const path = groups?.get(trackingOf(groups)) ?? '';
  return /.*\/([^/]+\.service)(\/|$)/.exec(path)?.[1] ?? null;
}

/**
 * Moves a process and all that it has started into groups, while they run. What they start meanwhile is moved in a further round.
 * @throws the system's error (EACCES, EPERM) where this user may not
 */
export async function moveTree(host: Host, root: number, into: Groups): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const outside = await outsideOf(into, host, root);
    if (outside.length === 0) return;
    for (const pid of outside) move(pid, into);
  }
}

/** What of a process and all that it has started is not in these groups. */
export async function outsideOf(into: Groups, host: Host, root: number): Promise<number[]> {
  return treeOf(root, await host.processes()).filter((pid) => !isSameUnit(groupsOf(pid) ?? into, into));
}

function move(pid: number, into: Groups): void {
  const isThere = groupsOf(pid);
  for (const [hierarchy, path] of into) {
    if (isThere?.get(hierarchy) === path) continue;
    const file = `${folderOf(hierarchy)}${path}/cgroup.procs`;
    try {
      writeFileSync(file, String(pid));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ESRCH' || hierarchy !== trackingOf(into)) continue; // It ended meanwhile; a hierarchy that counts something else.
      throw error;
    }
  }
}

function folderOf(hierarchy: string): string {
  if (hierarchy === '') return existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
  return `/sys/fs/cgroup/${hierarchy.replace(/^name=/, '')}`;
}
