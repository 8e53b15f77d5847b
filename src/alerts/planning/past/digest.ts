import type { Setup } from '../../setup.ts';
import type { Incident, PlanState } from '../state.ts';
import { cureOf, signatureOf } from './seen.ts';

/** The machine's own time of day at which the digest is sent. */
const HOUR_OF_DAY = 8;
const MOST_LINES = 100;

export function wantsDigest({ channels }: Setup): boolean {
  return channels.some(({ on }) => on.includes('digest'));
}

/** A line of the digest, for whoever asked for one: it went away before it was worth an alert. */
export function noteForDigest(state: PlanState, incident: Incident, setup: Setup): void {
  const { end, openedAt, subject, seen } = incident;
  if (end === null || !wantsDigest(setup)) return;
  const { lines } = state.digest;
  const signature = signatureOf(incident);
  if (lines[signature] === undefined && Object.keys(lines).length >= MOST_LINES) return;
  const { count = 0, longestMs = 0 } = lines[signature] ?? {};
  const longest = Math.max(longestMs, end.at - openedAt);
  lines[signature] = { subject, what: seen.text, cure: cureOf(incident), count: count + 1, longestMs: longest };
}

/** When it is to be sent; null: nobody asked for it, or there is nothing in it. */
export function digestAt({ digest }: PlanState, setup: Setup): number | null {
  if (!wantsDigest(setup) || Object.keys(digest.lines).length === 0) return null;
  const at = new Date(digest.since);
  at.setHours(HOUR_OF_DAY, 0, 0, 0);
  if (at.getTime() <= digest.since) at.setDate(at.getDate() + 1);
  return at.getTime();
}
