import type { AlertKind } from '../../config/resolved.ts';
import { inWords } from '../../policy/telling/in-words.ts';
import { isForUsage, levelOf } from '../planning/due.ts';
import { HOUR_MS, type Member } from '../planning/state.ts';
import type { Setup } from '../setup.ts';
import { clauseOf } from './clause.ts';
import type { MessageEvent } from './message.ts';

/** Of several so many are named. */
const NAMED = 3;

const TAGS: Readonly<Record<AlertKind, string>> = {
  down: 'DOWN',
  'gave-up': 'GAVE UP',
  degraded: 'DEGRADED',
  flapping: 'FLAPPING',
  recovered: 'OK',
  'port-taken': 'PORT TAKEN',
  'disk-full': 'DISK FULL',
  memory: 'MEMORY',
  cpu: 'CPU',
  misconfigured: 'MISCONFIGURED',
  lifeguard: 'LIFEGUARD',
  digest: 'DIGEST',
};

export interface Headline {
  readonly tag: string;
  readonly headline: string;
}

/** The first line of a message. `worst` speaks for all of them. */
export function headlineOf(members: readonly Member[], worst: Member, event: MessageEvent, now: number, setup: Setup): Headline {
  if (event === 'past') return pastHeadline(members, worst, setup);
  if (event === 'ended') return { tag: isWell(worst) ? 'OK' : 'CLOSED', headline: endOfAll(members, worst, setup) };
  const { incident, kind, falls } = worst;
  const who = `${namesOf(members)} on ${setup.host}`;
  const since = event === 'reminder' ? `, for ${inWords(now - incident.openedAt)}` : '';
  const seen = clauseOf(incident.seen);
  if (kind !== 'flapping') return { tag: tagOf(worst, event, now), headline: `${who}${since}: ${seen}` };
  const how = staysDown(worst, now) ? 'this time it stays down' : 'each time a restart cured it';
  return { tag: tagOf(worst, event, now), headline: `${who}${since}: it fell ${falls} times within the hour, ${how}: ${seen}` };
}

/** The same of what has come to its end, for whom nobody could tell before. */
export function pastHeadline(members: readonly Member[], { incident, kind }: Member, setup: Setup): Headline {
  const tag = isForUsage(kind) ? TAGS[kind] : `WAS ${TAGS[kind]}`;
  return { tag, headline: `${namesOf(members)} on ${setup.host}, for ${durationOf(members)}: ${clauseOf(incident.seen)}` };
}

function tagOf(worst: Member, event: MessageEvent, now: number): string {
  if (event === 'acknowledged') return 'ACKNOWLEDGED';
  const tag = staysDown(worst, now) ? TAGS.down : TAGS[worst.kind];
  if (event === 'reminder') return `STILL ${worst.kind === 'gave-up' ? TAGS.down : tag}`;
  return worst.until === 'quiet' && worst.kind !== 'flapping' && worst.incident.trouble === null ? `${tag} AGAIN` : tag;
}

function staysDown(worst: Member, now: number): boolean {
  return worst.kind === 'flapping' && levelOf(worst, now) > 2;
}

function endOfAll(members: readonly Member[], worst: Member, setup: Setup): string {
  const who = `${namesOf(members)} on ${setup.host}`;
  const { incident, until, falls } = worst;
  if (incident.end !== null && incident.end.how !== 'well')
    return `${who}: ${clauseOf({ code: 'crashed', text: incident.end.text })}`;
  if (incident.trouble !== null) return `${who}: over after ${durationOf(members)}`;
  const isQuiet = until === 'quiet' && (incident.end?.at ?? 0) - incident.openedAt < HOUR_MS && falls > 2;
  if (isQuiet) return `${who}: no trouble for an hour, after ${falls} falls`;
  return `${who}: well again after ${durationOf(members)}`;
}

function isWell({ incident }: Member): boolean {
  return incident.end === null || incident.end.how === 'well';
}

export function namesOf(members: readonly Member[]): string {
  const names = [...new Set(members.map(({ incident }) => incident.subject))];
  if (names.length === 1) return names[0] ?? '';
  if (names.length <= NAMED) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const what = members[0]?.incident.trouble === null ? 'backends' : 'things';
  return `${names.length} ${what} (${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more)`;
}

export function openingOf(members: readonly Member[]): number {
  return Math.min(...members.map(({ incident }) => incident.openedAt));
}

export function endOf(members: readonly Member[]): number {
  return Math.max(...members.map(({ incident }) => incident.end?.at ?? 0));
}

function durationOf(members: readonly Member[]): string {
  return inWords(endOf(members) - openingOf(members));
}
