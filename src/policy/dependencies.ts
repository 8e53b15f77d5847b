import type { Policy } from './policy.ts';
import type { BackendState, DependencyState } from './state.ts';

/** What a backend has to notice by itself that its dependency is back, before its connections count as stale. */
export const DEPENDENCY_GRACE_MS = 5_000;

/** Records one result of lifeguard's own check of a dependency; one that is not configured is left out. */
export function recordDependency(
  state: BackendState,
  policy: Policy,
  name: string,
  up: boolean,
  detail: string,
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

/** Some dependency was not looked at since the failures began: what is known of it may be out of date. */
export function areDependenciesStale({ dependencies, streak }: BackendState): boolean {
  return Object.values(dependencies).some(({ at }) => at < streak.firstStartedAt);
}

/** All are back, and no check that failed was started after the backend had its time to notice. */
export function isNoticing({ dependenciesBackAt, streak }: BackendState): boolean {
  return dependenciesBackAt !== null && streak.failures > 0 && streak.lastStartedAt < dependenciesBackAt + DEPENDENCY_GRACE_MS;
}
