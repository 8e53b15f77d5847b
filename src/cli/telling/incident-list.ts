import { type Cure, causeOf, cureOf } from '../../incidents/cure.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { Repeated, Spread, Statistics } from '../../incidents/statistics.ts';
import type { Context } from '../context.ts';
import { elapsed } from './elapsed.ts';
import { type Cell, table } from './output.ts';
import { wrapped } from './wrap.ts';

type Look = Pick<Context, 'paint' | 'columns'>;

const CURED_BY: Readonly<Record<Cure, string>> = {
  restart: 'a restart',
  operator: 'an operator',
  dependency: 'its dependency',
  itself: 'itself',
  nobody: '',
};

/** The incidents as a table, the oldest first. */
export function incidentTable(incidents: readonly Incident[], now: number, { paint, columns }: Look): string {
  const rows = incidents.map((incident): Cell[] => [
    { text: incident.id, style: 'bold' },
    { text: localTime(incident.startedAt) },
    { text: lengthOf(incident, now), ...(incident.open && { style: 'red' as const }) },
    { text: `${causeOf(incident)}${incident.drill ? ' (drill)' : ''}` },
    { text: CURED_BY[cureOf(incident)] },
  ]);
  return table(['incident', 'began', 'lasted', 'cause', 'cured by'], rows, paint, { columns, spare: ['cured by'] }).join('\n');
}

function lengthOf({ startedAt, endedAt, open }: Incident, now: number): string {
  if (endedAt !== null) return elapsed(endedAt - startedAt);
  return open ? `${elapsed(now - startedAt)} so far` : 'unknown';
}

/** One incident from its beginning to its end, a line for each thing that was decided. */
export function incidentStory(incident: Incident, seen: Repeated | null, now: number, { paint, columns }: Look): string {
  const { id, startedAt, endedAt, records } = incident;
  const until = endedAt === null ? '' : ` to ${localTime(endedAt)}`;
  const cure = cureOf(incident);
  const rows = records.map(({ time, what, reason }, index) => {
    const after = `+${elapsed(Math.max(0, Date.parse(time) - startedAt))}`;
    const word = paint(what === 'recover' ? 'green' : 'yellow', what.padEnd(8));
    const text = reason.text === records[index - 1]?.reason.text ? '' : reason.text;
    return wrapped(`  ${after.padEnd(13)} ${word} ${text}`, columns, 25).trimEnd();
  });
  const head = `${causeOf(incident)}${incident.drill ? ' (drill)' : ''}, ${localTime(startedAt)}${until} (${lengthOf(incident, now)})`;
  const cured = cure === 'nobody' ? '' : `, cured by ${CURED_BY[cure]}`;
  return [
    wrapped(`${paint('bold', id)}: ${head}${cured}`, columns),
    ...(seen && seen.count > 1 ? [wrapped(`  Seen ${seen.count} times within 7 days, ${curesOf(seen)}.`, columns)] : []),
    '',
    ...rows,
  ].join('\n');
}

/** What can be counted, for people. */
export function statisticsReport(
  { incidents, open, byCause, repeated, detection, recovery, backends }: Statistics,
  look: Look,
): string {
  const causes = Object.entries(byCause).sort(([, a], [, b]) => b - a);
  const lost = backends.map(({ name, lostMs, availability }): Cell[] => [
    { text: name, style: 'bold' },
    { text: `${(Math.floor(availability * 100_000) / 1_000).toFixed(3)} %` },
    { text: elapsed(lostMs) },
  ]);
  const again = repeated.filter(({ count }) => count > 1);
  return [
    `${incidents} ${incidents === 1 ? 'incident' : 'incidents'}${open > 0 ? `, ${open} of them not over` : ''}: ${causes.map(([cause, count]) => `${cause} ${count}`).join(', ') || 'none'}`,
    `time to detect   ${spread(detection)}`,
    `time to recover  ${spread(recovery)}`,
    '',
    ...table(['', 'availability', 'lost'], lost, look.paint),
    ...(again.length > 0
      ? [
          '',
          look.paint('bold', 'Seen more than once'),
          ...again.map((same) => wrapped(`  ${repeatedLine(same)}`, look.columns, 4)),
        ]
      : []),
  ].join('\n');
}

function repeatedLine(same: Repeated): string {
  const { backend, cause, text, count } = same;
  return `${count} times, ${curesOf(same)}: ${backend}, ${cause}: ${text}`;
}

function curesOf({ cures, recovery }: Repeated): string {
  const by = cures.filter((cure) => cure !== 'nobody').map((cure) => CURED_BY[cure]);
  return by.length === 0
    ? 'never seen to end'
    : `cured by ${by.join(' or ')}${recovery.median === null ? '' : ` after ${elapsed(recovery.median)}`}`;
}

function spread({ median, p95 }: Spread): string {
  return median === null || p95 === null ? 'nothing to tell' : `median ${elapsed(median)}, 95 % within ${elapsed(p95)}`;
}

/** `2026-11-27 03:12:05`, in the time zone of this machine. */
export function localTime(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}
