import type { Setup } from '../setup.ts';
import type { Happening } from './happening.ts';
import { type Planned, plan } from './plan.ts';
import type { PlanState } from './state.ts';
import type { Notification } from './turns.ts';

/** {@link plan}; what is wrong with one happening (a line by another hand) is said, and costs no other. */
export function planSafely(
  before: PlanState,
  happenings: readonly Happening[],
  now: number,
  setup: Setup,
  say: (text: string) => void,
): Planned {
  try {
    return plan(before, happenings, now, setup);
  } catch (error) {
    say(`alerts: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  let state = before;
  const notifications: Notification[] = [];
  for (const happening of happenings) {
    try {
      const planned = plan(state, [happening], now, setup);
      state = planned.state;
      notifications.push(...planned.notifications);
    } catch {
      say(`alerts: nothing is told of ${JSON.stringify(happening)}`);
    }
  }
  return { state, notifications };
}
