import type { WatchedBackend } from '../../config/resolved.ts';

/** Backends in an order in which each comes after those that it needs, as near to the given one as that allows; a circle is refused before. */
export function startOrder<B extends Pick<WatchedBackend, 'name' | 'dependencies'>>(backends: readonly B[]): B[] {
  const ordered = new Set<B>();
  const visiting = new Set<B>();
  const visit = (backend: B): void => {
    if (ordered.has(backend) || visiting.has(backend)) return;
    visiting.add(backend);
    for (const { check } of backend.dependencies) {
      const needed = backends.find(({ name }) => name === neededBackend(check));
      if (needed !== undefined) visit(needed);
    }
    ordered.add(backend);
  };
  for (const backend of backends) visit(backend);
  return [...ordered];
}

/** `auth` of `backend:auth`; null: it is no backend. */
export function neededBackend(check: string): string | null {
  return check.startsWith('backend:') ? check.slice('backend:'.length) : null;
}
