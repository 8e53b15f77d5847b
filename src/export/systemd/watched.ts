import type { Subject } from '../subject.ts';

/** Nothing is asked of a backend without a liveness check, and of a job only its end counts. */
export function isWatched({ backend }: Subject): boolean {
  return backend.targets.liveness !== null;
}

export function healthUnitOf(name: string): string {
  return `${name}-health.service`;
}
