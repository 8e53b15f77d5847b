import type { Host } from '../host.ts';
import { treesIn } from '../processes/trees.ts';

/** The TCP ports that these processes or any below them listen on, in order. [] where it can't be told. */
export async function listeningPortsOf(host: Host, pids: readonly number[]): Promise<readonly number[]> {
  if (pids.length === 0) return [];
  const treeOf = treesIn(await host.processes());
  return (await host.listeningPortsOf([...new Set(pids.flatMap(treeOf))])) ?? [];
}
