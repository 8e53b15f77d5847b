import type { IncidentRecord } from './journal.ts';

/** One incident of a backend, from its first failure to its recovery. Times are wall clock, ms since 1970. */
export interface Incident {
  /** `api-12`: what it is asked for by. */
  readonly id: string;
  readonly backend: string;
  /** When it failed first. */
  readonly startedAt: number;
  /** When it was known to be one: the journal's first line of it. */
  readonly detectedAt: number;
  /** From when on it was well again; null: it is not over, or lifeguard did not see its end. */
  readonly endedAt: number | null;
  /** Not over: the backend's newest one, without an end. */
  readonly open: boolean;
  /** It was brought about on purpose. */
  readonly drill: boolean;
  readonly records: readonly IncidentRecord[];
}

/** Lines that an incident begins with; others, such as an operator's pause, belong to the one that is open, or to none. */
const BEGINS = new Set<IncidentRecord['what']>(['fail', 'hold', 'blocked', 'give-up']);

/** The incidents of a journal, in the order in which they began. Pure. `records`: oldest first. */
export function incidentsOf(records: readonly IncidentRecord[]): Incident[] {
  const groups: IncidentRecord[][] = [];
  const open = new Map<string, IncidentRecord[]>();
  for (const record of records) {
    const group = open.get(record.backend);
    if (group && group[0]?.incident === record.incident) group.push(record);
    else if (BEGINS.has(record.what)) {
      const fresh = [record];
      groups.push(fresh);
      open.set(record.backend, fresh);
    }
    if (record.what === 'recover') open.delete(record.backend);
  }
  const stillOpen = new Set(open.values());
  return withOwnIds(groups.map((group) => incidentFrom(group, stillOpen.has(group))));
}

function incidentFrom(records: readonly IncidentRecord[], open: boolean): Incident {
  const [first] = records as readonly [IncidentRecord, ...IncidentRecord[]];
  const detectedAt = Date.parse(first.time);
  const startedAt = detectedAt - first.sinceFailureMs;
  const recovery = records.findLast(({ what }) => what === 'recover');
  const endedAt = recovery ? startedAt + recovery.sinceFailureMs : null;
  const id = `${first.backend}-${first.incident}`;
  return { id, backend: first.backend, startedAt, detectedAt, endedAt, open, drill: first.drill === true, records };
}

/** lifeguard counts anew when its state was lost: then the older one of two that have the same number gets the day added. */
function withOwnIds(incidents: readonly Incident[]): Incident[] {
  return incidents.map((incident, index) => {
    const again = incidents.findLastIndex(({ id }) => id === incident.id);
    return again === index
      ? incident
      : { ...incident, id: `${incident.id}@${new Date(incident.startedAt).toISOString().slice(0, 16)}` };
  });
}
