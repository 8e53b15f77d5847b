import { neededBackend } from '../../pm2/apps/start-order.ts';
import type { Conflict } from '../check.ts';
import type { Ecosystem } from '../schema/schema.ts';

/** Dependencies on backends that are not there, and circles, in which each would wait for the other. A circle is told once. */
export function backendDependencies({ backends }: Ecosystem): Conflict[] {
  const needs = new Map(
    backends.map(({ name, depends_on }) => [name, depends_on.flatMap(({ check }) => neededBackend(check) ?? [])]),
  );
  const told = new Set<string>();
  return backends.flatMap(({ name, depends_on }, index) =>
    depends_on.flatMap(({ check }, at) => {
      const path = ['backends', index, 'depends_on', at, 'check'] as const;
      const conflict = (message: string, hint: string): Conflict[] => [{ path, with: [], message, hint }];
      const other = neededBackend(check);
      if (other === null) return [];
      if (!needs.has(other)) return conflict('no backend of this name', `There are: ${[...needs.keys()].join(', ')}.`);
      if (other === name) return conflict('a backend that needs itself', 'Name what it needs instead, or take this out.');
      const way = told.has(name) ? null : wayTo(name, other, needs, new Set());
      if (way === null) return [];
      for (const member of way) told.add(member);
      return conflict(`a circle: ${[name, ...way].join(' needs ')}`, 'Each would wait for the other. Take one of these out.');
    }),
  );
}

/** From one backend to another by what each needs, both named; null: no way leads there. */
function wayTo(
  goal: string,
  from: string,
  needs: ReadonlyMap<string, readonly string[]>,
  seen: Set<string>,
): readonly string[] | null {
  if (from === goal) return [goal];
  if (seen.has(from)) return null;
  seen.add(from);
  for (const next of needs.get(from) ?? []) {
    const way = wayTo(goal, next, needs, seen);
    if (way) return [from, ...way];
  }
  return null;
}
