import { linesIn } from '../logs/reading/lines.ts';
import { logFiles } from '../logs/reading/log-files.ts';
import { type Incident, incidentsOf } from './incident.ts';
import type { IncidentRecord } from './journal.ts';
import { recordIn } from './read-incidents.ts';

const DAY_MS = 86_400_000;

/**
 * Every incident that the journal tells of, rotated journals included, in the order in which they began.
 * @param journal the live file
 * @param since wall clock, ms: what was over before is left out; older journals are not read. null: all
 */
export async function incidentHistory(journal: string, since: number | null = null): Promise<Incident[]> {
  const records: IncidentRecord[] = [];
  for (const file of logFiles(journal)) {
    // One journal more than is needed: an incident may have begun in it.
    if (since !== null && file.endsAt !== null && file.endsAt < since - DAY_MS) continue;
    for await (const line of linesIn(file)) records.push(...recordIn(line));
  }
  return incidentsOf(records).filter(({ endedAt, open, records: own }) => {
    const last = endedAt ?? Date.parse(own.at(-1)?.time ?? '');
    return since === null || open || last >= since;
  });
}
