import type { EventView, IncidentSummary } from '../view.ts';
import { h } from './dom.ts';
import { type Drawn, incidentLink } from './scene.ts';
import { shape } from './shapes.ts';
import { clock, done, duration, plural, took } from './words.ts';

const SHOWN = 12;

/** What happened last, newest first. */
export function feed({ view, now }: Drawn, backend: string | null = null): HTMLElement {
  const events = view.events.filter((event) => backend === null || event.backend === backend).slice(0, SHOWN);
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'feed' },
    h('h2', { id: 'feed' }, 'What happened'),
    events.length === 0
      ? h('p', { class: 'quiet' }, 'Nothing yet.')
      : h('ol', { class: 'feed' }, ...events.map((event) => line(event, now))),
  );
}

export function line({ at, backend, what, text, incident, condition }: EventView, now: number, isLinked = true): HTMLElement {
  const words = [h('b', {}, backend), ` ${done(what)}`];
  return h(
    'li',
    { 'data-key': `${at} ${backend} ${what}` },
    h('time', { datetime: new Date(at).toISOString() }, clock(at, now)),
    shape(condition),
    h(
      'span',
      {},
      isLinked && !incident.endsWith('-0') ? h('a', { href: incidentLink(incident) }, ...words) : h('span', {}, ...words),
      h('span', { class: 'why' }, text),
    ),
  );
}

/** Incidents, one line each. */
export function incidentList(incidents: readonly IncidentSummary[], now: number): HTMLElement {
  if (incidents.length === 0) return h('p', { class: 'quiet' }, 'None in the last 30 days.');
  return h('ol', { class: 'feed' }, ...incidents.map((incident) => incidentLine(incident, now)));
}

function incidentLine(incident: IncidentSummary, now: number): HTMLElement {
  return h(
    'li',
    { 'data-key': incident.id },
    h('time', { datetime: new Date(incident.startedAt).toISOString() }, clock(incident.startedAt, now)),
    shape(incident.open ? 'down' : incident.endedAt === null ? 'unobserved' : 'well'),
    h(
      'span',
      {},
      h('a', { href: incidentLink(incident.id) }, h('b', {}, incident.id), ` ${incident.cause}, ${lasted(incident, now)}`),
      h('span', { class: 'why' }, incident.text),
    ),
  );
}

const CURED_BY: Readonly<Record<string, string>> = {
  restart: ', cured by a restart',
  operator: ', put right by an operator',
  dependency: ', when its dependency was back',
  itself: ', by itself',
};

/** `over after 1.4 s, cured by a restart` */
export function lasted({ open, startedAt, endedAt, cure, restarts }: IncidentSummary, now: number): string {
  const tried = restarts === 0 ? '' : `, ${plural(restarts, 'restart')}`;
  if (open) return `open for ${duration(now - startedAt)}${tried}`;
  if (endedAt === null) return `its end was not seen${tried}`;
  const by = CURED_BY[cure] ?? '';
  return `over after ${took(endedAt - startedAt)}${by}`;
}
