import type { StateName } from '../policy/state-name.ts';

/** What a state amounts to, for those who look. `unobserved`: nobody knows, as nobody was to look. */
export type Condition = 'well' | 'impaired' | 'down' | 'unobserved';

const CONDITIONS: Readonly<Record<StateName, Condition>> = {
  healthy: 'well',
  suspect: 'well',
  starting: 'impaired',
  degraded: 'impaired',
  misconfigured: 'impaired',
  unhealthy: 'down',
  restarting: 'down',
  blocked: 'down',
  exhausted: 'down',
  stopped: 'unobserved',
  paused: 'unobserved',
  unchecked: 'unobserved',
  completed: 'well',
};

export function conditionOf(state: StateName): Condition {
  return CONDITIONS[state];
}
