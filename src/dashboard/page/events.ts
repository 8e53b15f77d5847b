import { causeOf, cureOf, restartsOf } from '../../incidents/cure.ts';
import { incidentHistory } from '../../incidents/history.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import { signatureOf } from '../../incidents/signature.ts';
import { repeatedOf } from '../../incidents/statistics.ts';
import { conditionOf } from '../condition.ts';
import type { EventView, IncidentDetail, IncidentSummary } from '../view.ts';
import { evidenceOf } from './evidence.ts';

const DAYS_MS = 30 * 86_400_000;
/** Of the same failure before. */
const OTHERS = 5;
const LINES = 200;

type TextFor = (text: string) => string;

export function eventView(record: IncidentRecord, textFor: TextFor): EventView {
  const { time, backend, what, incident, to, reason } = record;
  return {
    at: Date.parse(time),
    backend,
    what,
    text: textFor(reason.text),
    incident: `${backend}-${incident}`,
    condition: conditionOf(to),
  };
}

export function incidentSummary(incident: Incident, textFor: TextFor): IncidentSummary {
  const { id, backend, startedAt, detectedAt, endedAt, open, records } = incident;
  return {
    id,
    backend,
    startedAt,
    detectedAt,
    endedAt,
    open,
    cause: causeOf(incident),
    cure: cureOf(incident),
    restarts: restartsOf(incident),
    text: textFor(records[0]?.reason.text ?? ''),
  };
}

/** Of the last 30 days, the newest first. */
export async function recentIncidents(journal: string, wallNow: number): Promise<Incident[]> {
  return (await incidentHistory(journal, wallNow - DAYS_MS)).reverse();
}

/** @param isOwner whoever asks has shown the token: the lines as they are, too; null: there is none of this name */
export async function incidentDetail(
  id: string,
  journal: string,
  wallNow: number,
  { isOwner, textFor }: { isOwner: boolean; textFor: TextFor },
): Promise<IncidentDetail | null> {
  const incidents = await recentIncidents(journal, wallNow);
  const found = incidents.find((incident) => incident.id === id);
  if (found === undefined) return null;
  const signature = signatureOf(found);
  const same = incidents.filter((incident) => signatureOf(incident) === signature);
  const [repeated] = repeatedOf([...same].reverse());
  const records = found.records.slice(-LINES);
  return {
    ...incidentSummary(found, textFor),
    timeline: records.map((record) => ({
      ...eventView(record, textFor),
      sinceFailureMs: record.sinceFailureMs,
      cause: record.cause,
    })),
    seen: {
      count: same.length,
      medianMs: repeated?.recovery.median ?? null,
      cures: repeated?.cures ?? [],
      others: same
        .filter((incident) => incident !== found)
        .slice(0, OTHERS)
        .map((incident) => incidentSummary(incident, textFor)),
    },
    evidence: isOwner ? evidenceOf(records, journal) : null,
  };
}
