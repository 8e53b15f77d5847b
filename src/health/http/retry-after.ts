/**
 * What a Retry-After header asks for, in ms from now, or null when it is absent or makes no sense.
 * @param header whole seconds, or an HTTP date
 * @param date the answer's own Date header: a date is taken against the server's clock, so that a clock that is off does not matter
 * @param wallClockMs used when there is no such header
 */
export function retryAfterMs(header: string | undefined, date: string | undefined, wallClockMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]+,? /.test(text)) return null;
  const then = Date.parse(text);
  if (Number.isNaN(then)) return null;
  const serverNow = date === undefined ? Number.NaN : Date.parse(date);
  return Math.max(0, then - (Number.isNaN(serverNow) ? wallClockMs : serverNow));
}
