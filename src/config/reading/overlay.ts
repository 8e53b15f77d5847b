import type { Entry, Located } from './located.ts';

/**
 * Lays one configuration over another: backends match by name, objects merge, everything else (lists too) is replaced; a backend
 * of an unknown name is a new one. Each value keeps its origin.
 */
export function overlay(base: Located, over: Located): Located {
  return merge(base, over, []);
}

function merge(base: Located, over: Located, path: readonly string[]): Located {
  if (path.join('.') === 'backends' && base.kind === 'list' && over.kind === 'list') return mergeBackends(base, over);
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map<string, Entry>(path.at(-1) === 'run' ? withoutOtherProgram(base.entries, over.entries) : base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? { ...entry, node: merge(below.node, entry.node, [...path, key]) } : entry);
  }
  return { kind: 'map', origin: over.origin, entries };
}

function mergeBackends(base: Located & { kind: 'list' }, over: Located & { kind: 'list' }): Located {
  const items = [...base.items];
  const taken = new Set<number>();
  for (const backend of over.items) {
    const name = nameOf(backend);
    const index = items.findIndex(
      (item, at) => at < base.items.length && !taken.has(at) && name !== undefined && nameOf(item) === name,
    );
    const below = items[index];
    if (below) items[index] = merge(below, backend, ['backends', '*']);
    else items.push(backend);
    taken.add(index);
  }
  return { kind: 'list', origin: over.origin, items };
}

/** `command` and `script` stand for each other: where the overlay names one, the other and what belongs to it go. */
function withoutOtherProgram(
  base: ReadonlyMap<string, Entry>,
  over: ReadonlyMap<string, Entry>,
): Iterable<readonly [string, Entry]> {
  const gone = over.has('command') ? ['script', 'interpreter', 'args'] : over.has('script') ? ['command'] : [];
  return [...base].filter(([key]) => !gone.includes(key));
}

function nameOf(backend: Located): string | undefined {
  const name = backend.kind === 'map' ? backend.entries.get('name')?.node : undefined;
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}
