import { join } from 'node:path';
import { mask } from '../../units/mask.ts';
import { cureOf, seenBefore } from '../planning/past/seen.ts';
import { type Alert, type Incident, isOver, type Member, type PlanState } from '../planning/state.ts';
import type { Setup } from '../setup.ts';
import { adviceOn, restartsLeft } from './advice.ts';
import { clauseOf, cut } from './clause.ts';
import { endOf, openingOf } from './headline.ts';
import type { Detail } from './message.ts';
import { clockTime, dateTime } from './times.ts';

/** Of several so many have a line of their own, and so many are named. */
const LINES = 10;
const NAMES = 40;
const LONGEST_DETAIL = 1_000;

/** What is done, what comes next, what to do. */
export function linesOf(members: readonly Member[], worst: Member, now: number, setup: Setup): string[] {
  const { next, todo } = adviceOn(worst, setup);
  const advice = [next, todo].filter((line) => line !== '');
  if (members.length === 1) return advice;
  const open = members.filter((member) => !isOver(member, now));
  const well = members.length - open.length;
  const some = well === 0 ? [] : [`${well} of ${members.length} ${well === 1 ? 'is' : 'are'} well again.`];
  const isAlike = open.every(({ incident }) => incident.latest.code === worst.incident.latest.code);
  return [...some, ...(isAlike ? advice : ['To do: npx lifeguard status'])];
}

/** When it was, why, and what cured it. */
export function endLines(members: readonly Member[], { incident }: Member): string[] {
  const when = `From ${dateTime(openingOf(members))} to ${clockTime(endOf(members))}: ${clauseOf(incident.seen)}.`;
  const cures = [...new Set(members.map((member) => cureOf(member.incident)))];
  const [cure = ''] = cures;
  if (cures.length === 1 && members.length === 1) return [when, `${cure.charAt(0).toUpperCase()}${cure.slice(1)}.`];
  return [
    when,
    members.some((member) => member.incident.tried > 0) ? 'Restarts cured them.' : 'They came back without a restart.',
  ];
}

export function detailsOf(alert: Alert, worst: Member, isEnd: boolean, state: PlanState, now: number, setup: Setup): Detail[] {
  const { members } = alert;
  const { incident } = worst;
  const { seen, latest, evidence } = incident;
  const details: [string, string | null][] = [
    ...(members.length > 1 ? [eachOf(members, now)] : []),
    ['What was seen', seen.text],
    ['Latest', isEnd || latest.text === seen.text ? null : latest.text],
    ['Since', dateTime(incident.openedAt)],
    ['Tried', incident.number === null ? null : triedIn(incident)],
    ['Restarts left', isEnd ? null : restartsLeft(incident, setup)],
    ['Before', seenBefore(state, incident, now)],
    ['Evidence', evidence === null ? null : join(setup.logsDirectory, evidence)],
    ['Take note', isEnd || alert.acknowledged ? null : `pm2 trigger ${setup.lifeguard} acknowledge ${alert.id}`],
  ];
  return details.flatMap(([label, text]) => (text === null ? [] : [detail(label, text)]));
}

export function detail(label: string, text: string): Detail {
  return { label, text: cut(mask(text), LONGEST_DETAIL) };
}

/** Where all are in the same trouble their names are enough. */
function eachOf(members: readonly Member[], now: number): [string, string] {
  const fates = members.map((member) => (isOver(member, now) ? 'well again' : clauseOf(member.incident.seen)));
  const isAlike = new Set(fates).size === 1;
  const shown = members.slice(0, isAlike ? NAMES : LINES).map(({ incident }) => incident.subject);
  const more = members.length > shown.length ? [`and ${members.length - shown.length} more`] : [];
  if (isAlike) return ['Which', [...shown, ...more].join(', ')];
  return ['Each', [...shown.map((name, index) => `${name}: ${fates[index]}`), ...more].join('\n')];
}

function triedIn({ tried, waitsFor }: Incident): string {
  if (tried === 0) return waitsFor.length > 0 ? 'no restart, as none can help' : 'no restart';
  return tried === 1 ? '1 restart' : `${tried} restarts`;
}
