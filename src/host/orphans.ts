import { setTimeout as sleep } from 'node:timers/promises';
import { killTree } from './kill-tree.ts';
import { isOrphan, type MarkedApp, orphanRoot } from './marker.ts';
import { isAlive, isDead, readProcessTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';

/** What became of an orphan. `not-ours`: it carries no marker of ours, or PM2 has it: it was not touched. */
export type OrphanEnd = 'gone' | 'stopped' | 'killed' | 'not-ours' | 'still-there';

/**
 * Ends a process of ours that PM2 lost, with all of its family: SIGTERM, and after `graceMs` SIGKILL to those that are left.
 * Right before each signal it is made sure again that it is the same process and still an orphan, so that never a stranger,
 * never PM2's daemon or something below it is signalled.
 */
export async function endOrphan(pid: number, marked: MarkedApp, graceMs = 3_000): Promise<OrphanEnd> {
  const table = readProcessTable();
  const row = table.get(pid);
  if (row === undefined || isDead(row)) return 'gone';
  if (!isOrphan(pid, marked, table)) return 'not-ours';
  const root = orphanRoot(pid, marked, table);
  const family = treeOf(root, table).flatMap((member) => table.get(member) ?? []);
  const left = () => family.filter(isAlive);
  await killTree(root, 'SIGTERM', startOf(table.get(root)?.startTime));
  const end = performance.now() + graceMs;
  while (left().length > 0 && performance.now() < end) await sleep(50);
  if (left().length === 0) return 'stopped';
  for (const { pid: member, startTime } of left()) {
    if (isOrphan(member, marked)) await killTree(member, 'SIGKILL', { startTime });
  }
  return left().length === 0 ? 'killed' : 'still-there';
}

function startOf(startTime: number | undefined): { startTime?: number } {
  return startTime === undefined ? {} : { startTime };
}
