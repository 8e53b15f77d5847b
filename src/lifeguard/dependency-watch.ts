import type { WatchedBackend } from '../config/resolved.ts';
import type { DependencyAnswer } from '../health/dependency-answer.ts';
import type { Ports } from './ports.ts';

/** A dependency that does not answer within this is down; a hung one must not hold a verdict up for longer. */
const DEADLINE_MS = 2_000;
/** An answer this fresh serves another asker too: many backends share one database. */
const FRESH_MS = 200;

/** lifeguard's own look at one dependency, shared by all the backends that name it. */
export interface DependencyWatch {
  /** null: not asked yet. */
  readonly last: DependencyAnswer | null;
  /** An answer that was asked for now, or hardly before. Never rejects, ends within 2 s. */
  ask(): Promise<DependencyAnswer>;
}

/** One watch for each thing to check, by backend and dependency name. */
export function watchDependencies(
  backends: readonly WatchedBackend[],
  ports: Ports,
): (backend: WatchedBackend) => { readonly name: string; readonly watch: DependencyWatch }[] {
  const byCheck = new Map<string, DependencyWatch>();
  for (const { check } of backends.flatMap(({ dependencies }) => dependencies))
    if (!byCheck.has(check)) byCheck.set(check, watchOne(check, ports));
  return (backend) =>
    backend.dependencies.flatMap(({ name, check }) => {
      const watch = byCheck.get(check);
      return watch ? [{ name, watch }] : [];
    });
}

function watchOne(check: string, { health, clock }: Ports): DependencyWatch {
  let last: DependencyAnswer | null = null;
  let asked = Number.NEGATIVE_INFINITY;
  let current: Promise<DependencyAnswer> | null = null;
  return {
    get last() {
      return last;
    },
    ask() {
      if (current) return current;
      if (last && clock.now() - asked < FRESH_MS) return Promise.resolve(last);
      asked = clock.now();
      current = health.dependency(check, DEADLINE_MS).then((answer) => {
        current = null;
        last = answer;
        return answer;
      });
      return current;
    },
  };
}
