import { isDead, type ProcessTable } from './process-row.ts';

/**
 * The live processes of an app: `pid` itself first, then its descendants, parents before children.
 *
 * Also those that lost their parent (it was killed, or they forked twice): they keep the session that the app leads, and
 * with it their place in the tree, even when `pid` is dead. So a worker behind a killed `uvicorn --reload` is found.
 */
export function treeOf(pid: number, table: ProcessTable): number[] {
  return treesIn(table)(pid);
}

/** {@link treeOf} for many pids of one table, which is sorted once. */
export function treesIn(table: ProcessTable): (pid: number) => number[] {
  const below = new Map<number, number[]>();
  for (const row of table.values()) {
    if (isDead(row)) continue;
    for (const owner of new Set([row.ppid, row.session])) {
      const members = below.get(owner);
      if (members) members.push(row.pid);
      else below.set(owner, [row.pid]);
    }
  }
  return (pid) => {
    if (!(pid > 0)) return []; // PM2's word for 'no process': 0 is also the parent of the first one, and so of all.
    const root = table.get(pid);
    const tree = new Set<number>(root && !isDead(root) ? [pid] : []);
    const open = [pid];
    for (let owner = open.shift(); owner !== undefined; owner = open.shift()) {
      for (const member of below.get(owner) ?? []) {
        if (!tree.has(member)) open.push(member);
        tree.add(member);
      }
    }
    return [...tree];
  };
}

/** The process's parent, its parent's parent and so on, nearest first, up to pid 1. */
export function ancestorsOf(pid: number, table: ProcessTable): number[] {
  const ancestors: number[] = [];
  for (let row = table.get(pid); row !== undefined && row.ppid > 0; row = table.get(row.ppid)) {
    if (ancestors.includes(row.ppid)) break;
    ancestors.push(row.ppid);
  }
  return ancestors;
}
