import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host.ts';
import { aliveOf } from '../processes/is-alive.ts';
import { killTree } from '../processes/kill-tree.ts';
import { isDead } from '../processes/process-row.ts';
import { treeOf } from '../processes/trees.ts';
import { isOrphan, type MarkedApp, orphanRoot } from './marker.ts';

/** What became of an orphan. `not-ours`: it carries no marker of ours, or PM2 has it: it was not touched. */
export type OrphanEnd = 'gone' | 'stopped' | 'killed' | 'not-ours' | 'still-there';

/**
 * Ends a process of ours that PM2 lost, with all of its family: SIGTERM, and after `graceMs` SIGKILL to those that are left.
 * Right before each signal it is made sure again that it is the same process and still an orphan, so that never a stranger,
 * never PM2's daemon or something below it is signalled.
 * @throws HostError when the processes can't be listed
 */
export async function endOrphan(host: Host, pid: number, marked: MarkedApp, graceMs = 3_000): Promise<OrphanEnd> {
  const table = await host.processes();
  const row = table.get(pid);
  if (row === undefined || isDead(row)) return 'gone';
  if (!(await isOrphan(host, pid, marked, table))) return 'not-ours';
  const root = await orphanRoot(host, pid, marked, table);
  const family = treeOf(root, table).flatMap((member) => table.get(member) ?? []);
  const left = () => aliveOf(host, family);
  const startTime = table.get(root)?.startTime;
  await killTree(host, root, 'SIGTERM', startTime === undefined ? {} : { startTime });
  const end = performance.now() + graceMs;
  while ((await left()).length > 0 && performance.now() < end) await sleep(50);
  const stubborn = await left();
  if (stubborn.length === 0) return 'stopped';
  for (const { pid: member, startTime } of stubborn) {
    if (await isOrphan(host, member, marked)) await killTree(host, member, 'SIGKILL', { startTime });
  }
  return (await left()).length === 0 ? 'killed' : 'still-there';
}
