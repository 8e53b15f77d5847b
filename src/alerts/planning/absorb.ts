import type { IncidentRecord } from '../../incidents/journal.ts';
import type { Setup } from '../setup.ts';
import type { Happening } from './happening.ts';
import { begin, close, incidentIn, judge } from './incidents.ts';
import type { Incident, PlanState, Seen } from './state.ts';
import { takeUp } from './take-up.ts';
import { absorbOwnFault, absorbTrouble } from './trouble.ts';

/** Lines with these codes tell what is done, not what is wrong. */
const ONLY_DONE = new Set([
  'cool-down-over',
  'port-free',
  'operator',
  'shared-cause',
  'stale-after-dependency',
  'orphan',
  'paused',
]);

/** Puts what happened into the state, and has told what is worth telling at once. Changes the state. */
export function absorb(state: PlanState, happening: Exclude<Happening, { type: 'acknowledge' }>, setup: Setup): void {
  switch (happening.type) {
    case 'record':
      absorbRecord(state, happening.record, setup);
      break;
    case 'trouble':
      absorbTrouble(state, happening, setup);
      break;
    case 'trouble-over':
      close(state, happening.slot, { at: happening.at, how: 'well', text: happening.text }, setup);
      break;
    case 'watching':
      takeUp(state, happening.at, setup);
      break;
  }
}

function absorbRecord(state: PlanState, record: IncidentRecord, setup: Setup): void {
  const { what, backend, reason } = record;
  const at = Date.parse(record.time);
  if (what === 'alert' || Number.isNaN(at)) return;
  if (what === 'pause') state.paused = [...state.paused.filter((name) => name !== backend), backend];
  if (what === 'resume') state.paused = state.paused.filter((name) => name !== backend);
  if (what === 'stop') close(state, backend, { at, how: 'stopped', text: reason.text }, setup);
  if (what === 'recover') close(state, backend, { at: wellAt(state, record), how: 'well', text: reason.text }, setup);
  if (what === 'warn' && reason.code === 'lifeguard-failed') absorbOwnFault(state, record, at, setup);
  if (what === 'fail' || what === 'hold' || what === 'blocked' || what === 'give-up') follow(state, record, at, setup, true);
  if (what === 'restart') follow(state, record, at, setup, false);
}

/** One more line of an incident; `opens`: of one that is not known yet it is the first. */
function follow(state: PlanState, record: IncidentRecord, at: number, setup: Setup, opens: boolean): void {
  const known = incidentIn(state, record.backend);
  const isSame = known !== null && known.end === null && known.number === record.incident;
  if (!isSame && !opens) return;
  if (known !== null && known.end === null && !isSame)
    close(state, record.backend, { at, how: 'gone', text: 'Another incident began.' }, setup);
  const incident = isSame ? known : begin(state, record.backend, { ...opening(record, at), number: record.incident });
  incident.latest = seenIn(record, at);
  if (!ONLY_DONE.has(record.reason.code)) incident.seen = incident.latest;
  incident.restarts = record.restarts;
  incident.cause = record.cause ?? incident.cause;
  if (record.evidence !== undefined) incident.evidence = record.evidence;
  if (record.drill) incident.drill = true;
  if (record.what === 'restart' && record.cause !== 'operator' && record.reason.code !== 'port-free') incident.tried += 1;
  if (record.reason.code === 'dependency-down') incident.waitsFor = dependenciesNamed(record, setup);
  judge(state, incident, at, setup);
}

function opening(record: IncidentRecord, at: number): Incident {
  const { backend, cause, sinceFailureMs } = record;
  const seen = seenIn(record, at);
  return {
    slot: backend,
    subject: backend,
    number: null,
    openedAt: at - Math.max(0, sinceFailureMs),
    cause,
    seen,
    latest: seen,
    tried: 0,
    restarts: 0,
    waitsFor: [],
    evidence: null,
    drill: false,
    trouble: null,
    end: null,
  };
}

function seenIn({ what, reason, to }: IncidentRecord, at: number): Seen {
  return { what, code: reason.code, text: reason.text, to, at };
}

/** Until the core says which, the names are taken from its sentence. */
function dependenciesNamed({ backend, reason }: IncidentRecord, { backends }: Setup): string[] {
  const known = backends.find(({ name }) => name === backend)?.dependencies ?? [];
  return known.flatMap(({ name }) => (` ${reason.text} `.includes(` ${name} `) ? [name] : []));
}

/** From the first failure on so long; the line itself may be written later. */
function wellAt(state: PlanState, { backend, time, sinceFailureMs }: IncidentRecord): number {
  const openedAt = incidentIn(state, backend)?.openedAt ?? Number.NaN;
  const at = Date.parse(time);
  const wellAfter = openedAt + sinceFailureMs;
  return sinceFailureMs > 0 && wellAfter <= at ? wellAfter : at;
}
