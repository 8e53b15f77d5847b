import type { WatchedBackend } from '../../config/resolved.ts';

/** Its start may have to wait: it has a gate, and a launcher that waits there. */
export function isGated({ dependencies, before, once }: Pick<WatchedBackend, 'dependencies' | 'before' | 'once'>): boolean {
  return once || before.length > 0 || dependencies.some(({ start }) => start !== null);
}
