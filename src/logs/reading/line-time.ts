/** How far into a line its time may begin. */
const WITHIN = 120;

/** `2026-11-27T09:00:00.123Z`, `2026-11-27 09:00:00,123`, `2026-11-27 09:00:00 +0000`; without a zone it is local time. */
const ISO = /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?/;
/** `27/Nov/2026:09:00:00 +0000`, as web servers write it. */
const CLF = /(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})/;
/** `"time":1764234000000`, as pino writes it. */
const EPOCH = /"(?:time|ts|timestamp)":(\d{13})\b/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** When a line says it was written, wall clock ms; null: it says nothing of it. */
export function timeIn(line: string): number | null {
  const start = line.slice(0, WITHIN);
  const epoch = EPOCH.exec(start)?.[1];
  if (epoch !== undefined) return Number(epoch);
  const found = isoTime(start) ?? clfTime(start);
  return found === null || Number.isNaN(found) ? null : found;
}

function isoTime(text: string): number | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${zoneOf(zone)}`);
}

function clfTime(text: string): number | null {
  const match = CLF.exec(text);
  if (!match) return null;
  const [, day, name = '', year, hour, minute, second, zone = ''] = match;
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000${zoneOf(zone)}`);
}

/** `+0100` as Date.parse takes it. */
function zoneOf(zone: string): string {
  return zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
}
