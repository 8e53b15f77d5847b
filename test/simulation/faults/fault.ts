import type { Backend } from '../backend/backend.ts';
import type { Chance } from '../chance.ts';
import type { World } from '../world/world.ts';

/** One kind of thing that goes wrong, or that somebody does. */
export interface FaultSort {
  /** How often it is chosen among those of its scope. */
  readonly weight: number;
  readonly scope: 'backend' | 'world';
  /** Makes it happen now, and sees to its end. Returns what it is, for the history; null: it cannot be just now. */
  run(world: World, backend: Backend, chance: Chance): string | null;
}

export const MINUTE = 60_000;

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
