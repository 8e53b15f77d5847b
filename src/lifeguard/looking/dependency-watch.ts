import type { WatchedBackend } from '../../config/resolved.ts';
import type { DependencyAnswer } from '../../health/dependency-answer.ts';
import { neededBackend } from '../../pm2/apps/start-order.ts';
import { serves } from '../../policy/children.ts';
import type { BackendState } from '../../policy/state.ts';
import type { Ports } from '../ports.ts';

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

/** One watch for each thing to check, by backend and dependency name. `stateOf`: of one that is watched here; null: it is not. */
export function watchDependencies(
  backends: readonly WatchedBackend[],
  ports: Ports,
  stateOf: (backend: string) => BackendState | null,
): (backend: WatchedBackend) => { readonly name: string; readonly watch: DependencyWatch }[] {
  const byCheck = new Map<string, DependencyWatch>();
  for (const { check } of backends.flatMap(({ dependencies }) => dependencies))
    if (!byCheck.has(check))
      byCheck.set(check, neededBackend(check) === null ? watchOne(check, ports) : watchBackend(check, stateOf));
  return (backend) =>
    backend.dependencies.flatMap(({ name, check }) => {
      const watch = byCheck.get(check);
      return watch ? [{ name, watch }] : [];
    });
}

/** Another backend of ours: how it is, is known without asking anybody. One that is not watched here counts as up. */
function watchBackend(check: string, stateOf: (backend: string) => BackendState | null): DependencyWatch {
  const name = neededBackend(check) ?? '';
  let last: DependencyAnswer | null = null;
  return {
    get last() {
      return last;
    },
    async ask() {
      const state = stateOf(name);
      last =
        state === null
          ? { up: true, detail: `${name} is not watched` }
          : { up: serves(state) || state.name === 'completed', detail: `${name} is ${state.name}` };
      return last;
    },
  };
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
