import type { IncidentRecord } from '../../incidents/journal.ts';
import type { Setup } from '../setup.ts';
import type { Happening } from './happening.ts';
import { begin, incidentIn, judge } from './incidents.ts';
import { memberOf } from './raise.ts';
import type { PlanState, Seen } from './state.ts';

type Told = Omit<Extract<Happening, { type: 'trouble' }>, 'type'>;

/** Trouble that is no incident of the journal. Told again it is the same one. */
export function absorbTrouble(state: PlanState, { slot, subject, kind, text, todo, notTo, at }: Told, setup: Setup): void {
  const known = incidentIn(state, slot);
  const seen: Seen = { what: 'fail', code: kind, text, to: '', at };
  const trouble = { kind, todo, notTo: [...notTo], confirmBy: null };
  if (known !== null && known.end === null) {
    known.seen = seen;
    known.latest = seen;
    known.trouble = trouble;
    return;
  }
  const fresh = { number: null, openedAt: at, cause: null, tried: 0, restarts: 0, waitsFor: [], evidence: null, drill: false };
  judge(state, begin(state, slot, { ...fresh, slot, subject, seen, latest: seen, trouble, end: null }), at, setup);
}

/** Lifeguard itself was in trouble with a backend. Of the next time nobody knows; an hour without is the end. */
export function absorbOwnFault(state: PlanState, { backend, reason }: IncidentRecord, at: number, setup: Setup): void {
  const slot = `lifeguard ${backend}`;
  const subject = backend || setup.lifeguard;
  const todo = `To do: pm2 logs ${setup.lifeguard}`;
  absorbTrouble(state, { slot, subject, kind: 'lifeguard', text: reason.text, todo, notTo: [], at }, setup);
  const member = memberOf(state, slot);
  if (member === null) return;
  member.until = 'quiet';
  member.troubleAt = at;
  member.incident.end = { at, how: 'well', text: 'Not seen again for an hour.' };
}
