import { spawnSync } from 'node:child_process';
import type { Host } from '../host/host.ts';
import { type Groups, moveTree, outsideOf } from './cgroups.ts';
import { userEnvironment } from './systemctl.ts';

const MANAGER = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];

/**
 * Moves a process of one's own and all that it has started into a unit of the user's systemd, while they run. That one may do it with the
 * machine's help where the user himself may not: out of the session in which a login started them. What they start meanwhile is moved in a
 * further round.
 * @returns false: it is not allowed
 */
export async function attachTree(host: Host, root: number, unit: string, into: Groups): Promise<boolean> {
  for (let round = 0; round < 10; round++) {
    const outside = await outsideOf(into, host, root);
    if (outside.length === 0) return true;
    if (attached(unit, outside)) continue;
    try {
      await moveTree(host, root, into);
      return true;
    } catch {
      // Once more: one of them may have ended meanwhile, for which systemd takes none of them.
    }
  }
  return (await outsideOf(into, host, root)).length === 0;
}

function attached(unit: string, pids: readonly number[]): boolean {
  const call = [...MANAGER, 'AttachProcessesToUnit', 'ssau', unit, '', String(pids.length), ...pids.map(String)];
  return spawnSync('busctl', ['--user', 'call', ...call], { env: userEnvironment(), timeout: 10_000 }).status === 0;
}
