import type { Policy } from '../policy.ts';
import type { BackendState, DependencyState } from '../state.ts';

/** What a backend has to notice by itself that its dependency is back, before its connections count as stale. */
export const DEPENDENCY_GRACE_MS = 5_000;

/** Records one result of lifeguard's own check of a dependency; one that is not configured is left out. */
export function recordDependency(
  state: BackendState,
  policy: Policy,
  { name, up, detail }: { readonly name: string; readonly up: boolean; readonly detail: string },
  now: number,
): BackendState {
  if (!policy.dependencies.some((dependency) => dependency.name === name)) return state;
  const before = state.dependencies[name];
  const record: DependencyState = { up, at: now, failures: up ? 0 : (before?.failures ?? 0) + 1, detail };
  const after: BackendState = { ...state, dependencies: { ...state.dependencies, [name]: record } };
  const allBack = downDependencies(state).length > 0 && downDependencies(after).length === 0;
  // What a restart could not cure while it was away may be another matter now.
  return allBack ? { ...after, dependenciesBackAt: now, cure: null } : after;
}

/** The names of those whose last check failed. */
export function downDependencies({ dependencies }: BackendState): readonly string[] {
  const names: string[] = [];
  for (const name in dependencies) if (dependencies[name]?.up === false) names.push(name);
  return names;
}

/** A dependency has been known to be down for as many checks as a backend's own verdict takes. */
export function isLongDown({ dependencies }: BackendState, { failureThreshold }: Policy): boolean {
  return Object.values(dependencies).some(({ failures }) => failures >= failureThreshold);
}

/** When the one that was looked at longest ago was; null: some never was, or there are none. */
export function dependenciesKnownAt({ dependencies }: BackendState): number | null {
  let oldest: number | null = null;
  for (const name in dependencies) {
    const at = dependencies[name]?.at ?? null;
    if (at === null) return null;
    oldest = oldest === null ? at : Math.min(oldest, at);
  }
  return oldest;
}

/** Some dependency was not looked at since the failures began: what is known of it may be out of date. */
export function areDependenciesStale({ dependencies, failures }: BackendState): boolean {
  if (failures === null) return false;
  for (const name in dependencies)
    if ((dependencies[name]?.at ?? Number.NEGATIVE_INFINITY) < failures.firstStartedAt) return true;
  return false;
}

/** All are back, and no check that failed was started after the backend had its time to notice. */
export function isNoticing({ dependenciesBackAt, failures }: BackendState, graceMs = DEPENDENCY_GRACE_MS): boolean {
  return dependenciesBackAt !== null && failures !== null && failures.lastStartedAt < dependenciesBackAt + graceMs;
}
