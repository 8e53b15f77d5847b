import type { Desk, Watched } from '../watched.ts';
import { pidsOf } from './picture.ts';

/**
 * Watches what those with a `max_memory` take; to be called every few seconds. Never rejects for one that cannot be told.
 * @param holdTo is told each backend's limit as it is now, a drill's lower one included
 */
export function watchMemory(desk: Desk, holdTo: (name: string, limitBytes: number | null) => void): () => Promise<void> {
  const { host, memoryLimitOf } = desk.ports;

  async function limitOf(watched: Watched): Promise<{ watched: Watched; limitBytes: number | null }> {
    const { name, policy } = watched.config;
    return { watched, limitBytes: (await memoryLimitOf?.(name)) ?? policy.maxMemoryBytes };
  }

  return async () => {
    const limits = await Promise.all([...desk.watched.values()].map(limitOf));
    for (const { watched, limitBytes } of limits) holdTo(watched.config.name, limitBytes);
    const limited = limits.flatMap(({ watched, limitBytes }) => {
      const pids = pidsOf(watched.picture);
      return limitBytes === null || pids.length === 0 ? [] : [{ watched, pids, limitBytes }];
    });
    if (limited.length === 0) return;
    const found = await host.memoryOf(limited);
    for (const [i, { watched }] of limited.entries()) {
      watched.memoryBytes = found[i] ?? null;
      if (watched.memoryBytes !== null) desk.tell(watched, { type: 'memory', bytes: watched.memoryBytes });
    }
  };
}
