import type { WatchedBackend } from '../../config/resolved.ts';

/** Its start may have to wait: it has a gate, and a launcher that waits there. */
export function isGated({ dependencies }: Pick<WatchedBackend, 'dependencies'>): boolean {
  return dependencies.some(({ start }) => start !== null);
}
