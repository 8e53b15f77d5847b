import type { Setup } from '../setup.ts';
import { absorb } from './absorb.ts';
import { dueAt, dueKind, HELD_MS } from './due.ts';
import type { Happening } from './happening.ts';
import { digestAt } from './past/digest.ts';
import { forgetOld } from './past/restless.ts';
import { raise } from './raise.ts';
import { HOUR_MS, type PlanState } from './state.ts';
import { acknowledge, type Notification, remindAt, takeTurns } from './turns.ts';

export interface Planned {
  readonly state: PlanState;
  /** In the order in which they are to be sent. */
  readonly notifications: readonly Notification[];
}

/**
 * Who is to be told what, by what happened and by time alone: an incident's turns, never a check. Pure: the same happenings at the
 * same times give the same messages with the same keys.
 * @param now wall clock, ms
 */
export function plan(before: PlanState, happenings: readonly Happening[], now: number, setup: Setup): Planned {
  const state = structuredClone(before);
  const notifications: Notification[] = [];
  for (const happening of happenings) {
    if (happening.type === 'acknowledge') notifications.push(...acknowledge(state, happening.id, happening.at, setup));
    else absorb(state, happening, setup);
  }
  passTime(state, now, setup);
  notifications.push(...takeTurns(state, now, setup));
  forgetOld(state, now);
  return { state, notifications };
}

/** What lasted for so long that it is worth telling, and trouble that did not show again. */
function passTime(state: PlanState, now: number, setup: Setup): void {
  for (const incident of Object.values(state.open)) {
    const kind = state.paused.includes(incident.slot) ? null : dueKind(incident, now);
    if (kind !== null) raise(state, incident, kind, now, setup);
  }
  for (const { incident } of state.alerts.flatMap(({ members }) => members)) {
    const confirmBy = incident.trouble?.confirmBy ?? null;
    if (confirmBy === null || now < confirmBy || incident.end !== null) continue;
    absorb(state, { type: 'trouble-over', slot: incident.slot, text: 'It did not show again.', at: now }, setup);
  }
}

/** When time alone makes something due; null: never. */
export function nextDueAt(state: PlanState, now: number, setup: Setup): number | null {
  const times: (number | null)[] = [digestAt(state, setup)];
  for (const incident of Object.values(state.open)) times.push(dueAt(incident, now));
  for (const alert of state.alerts) {
    times.push(alert.dueAt, remindAt(alert));
    for (const { incident, until, troubleAt } of alert.members) {
      if (incident.end === null) times.push(incident.trouble?.confirmBy ?? null);
      if (until === 'quiet') times.push(incident.end === null ? incident.openedAt + HELD_MS : troubleAt + HOUR_MS);
    }
  }
  const ahead = times.filter((at) => at !== null && at > now) as number[];
  return ahead.length === 0 ? null : Math.min(...ahead);
}
