import type { Setup } from '../setup.ts';
import { dueKind, turnOf } from './due.ts';
import { noteCure } from './past/cured.ts';
import { noteEnding } from './past/seen.ts';
import { memberOf, raise } from './raise.ts';
import type { End, Incident, PlanState } from './state.ts';

/** What is known in a slot, told or not; null: nothing is wrong there. */
export function incidentIn(state: PlanState, slot: string): Incident | null {
  return memberOf(state, slot)?.incident ?? state.open[slot] ?? null;
}

/** A new incident: of what is told already it is the next one there, else one that nobody was told of. */
export function begin(state: PlanState, slot: string, incident: Incident): Incident {
  const member = memberOf(state, slot);
  if (member === null) {
    state.open[slot] = incident;
  } else {
    member.incident = incident;
    member.falls += 1;
  }
  return incident;
}

/** Has told what is due; of what is told already, what became of it. */
export function judge(state: PlanState, incident: Incident, now: number, setup: Setup): void {
  const member = memberOf(state, incident.slot);
  if (member !== null) {
    const kind = turnOf(incident);
    member.troubleAt = now;
    if (kind !== null && (member.kind !== 'flapping' || kind === 'gave-up')) member.kind = kind;
    return;
  }
  const kind = dueKind(incident, now);
  if (kind !== null && !state.paused.includes(incident.slot)) raise(state, incident, kind, now, setup);
}

/** Ends what is open in a slot. */
export function close(state: PlanState, slot: string, end: End, setup: Setup): void {
  const incident = incidentIn(state, slot);
  if (incident === null || incident.end !== null) return;
  incident.end = end;
  noteEnding(state, incident);
  if (memberOf(state, slot) !== null) return;
  delete state.open[slot];
  noteCure(state, incident, setup);
}
