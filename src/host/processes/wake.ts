import type { Host } from '../host.ts';
import { treeOf } from './trees.ts';

/** Somebody stopped it; `t` is one that a debugger holds, which is that debugger's to let go. */
const STOPPED = 'T';

/**
 * Lets those of a process's tree go on that somebody stopped (SIGSTOP): what is stopped hears no other signal than SIGKILL, and cannot end by
 * itself. Resolves with how many. @throws HostError when the processes can't be listed
 */
export async function wakeTree(host: Pick<Host, 'processes'>, pid: number): Promise<number> {
  const table = await host.processes();
  const stopped = treeOf(pid, table).filter((member) => table.get(member)?.state.startsWith(STOPPED));
  return stopped.filter((member) => {
    try {
      return process.kill(member, 'SIGCONT');
    } catch {
      return false; // It ended just now, or belongs to another user.
    }
  }).length;
}
