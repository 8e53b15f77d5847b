import type { Incarnation } from './event.ts';

export const STATE_NAMES = [
  'starting',
  'healthy',
  'suspect',
  'degraded',
  'unhealthy',
  'restarting',
  'blocked',
  'exhausted',
  'stopped',
  'paused',
] as const;

export type StateName = (typeof STATE_NAMES)[number];

/** To be filled in by the policy's author: one backend's whole state, plain JSON. */
export interface BackendState {
  readonly name: StateName;
  readonly incarnation: Incarnation | null;
}
