import type { IncidentDetail } from '../view.ts';
import { h } from './dom.ts';
import { incidentList, lasted } from './feed.ts';
import { backendLink, type Drawn } from './scene.ts';
import { shape } from './shapes.ts';
import { clock, done, plural, took } from './words.ts';

/** One incident: how it went, what is known of it, the same failure before, and what one may do. */
export function incidentPage(drawn: Drawn, incident: IncidentDetail): HTMLElement[] {
  const { now } = drawn;
  return [
    h(
      'section',
      { class: 'card hero', 'aria-labelledby': 'name' },
      h('h2', { id: 'name' }, shape(incident.open ? 'down' : 'well'), incident.id),
      h('p', { class: 'sentence' }, `${incident.cause}; ${lasted(incident, now)}.`),
      h('p', { class: 'reason' }, incident.text),
      h('p', {}, h('a', { href: backendLink(incident.backend) }, `About ${incident.backend}`)),
    ),
    timeline(incident, now),
    evidence(drawn, incident),
    history(incident, now),
    todo(drawn, incident),
  ];
}

function timeline({ timeline: lines }: IncidentDetail, now: number): HTMLElement {
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'timeline' },
    h('h2', { id: 'timeline' }, 'How it went'),
    h(
      'ol',
      { class: 'feed timeline' },
      ...lines.map(({ at, what, text, sinceFailureMs }) =>
        h(
          'li',
          { 'data-key': `${at} ${what}` },
          h('time', { datetime: new Date(at).toISOString() }, clock(at, now)),
          h('span', { class: 'quiet' }, `+${took(sinceFailureMs)}`),
          h('span', {}, h('b', {}, done(what)), h('span', { class: 'why' }, text)),
        ),
      ),
    ),
  );
}

function evidence({ view, mayAct }: Drawn, { evidence: files }: IncidentDetail): HTMLElement {
  const need = view.canAct
    ? 'It is shown with the token.'
    : 'It is shown with a token, and none is configured: dashboard: { token: … }';
  const inside =
    files === null || !mayAct
      ? [h('p', { class: 'quiet' }, need)]
      : files.map(({ name, text }) =>
          h(
            'details',
            { 'data-key': name, open: name === 'incidents.jsonl' },
            h('summary', {}, name),
            h('pre', { tabindex: '0' }, text),
          ),
        );
  return h('section', { class: 'card', 'aria-labelledby': 'evidence' }, h('h2', { id: 'evidence' }, 'Evidence'), ...inside);
}

function history({ seen }: IncidentDetail, now: number): HTMLElement {
  const usual = seen.medianMs === null ? '' : `, over after ${took(seen.medianMs)} as a rule`;
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'before' },
    h('h2', { id: 'before' }, 'The same before'),
    h(
      'p',
      {},
      seen.count > 1 ? `Seen ${plural(seen.count, 'time')} in the last 30 days${usual}.` : 'Not seen before in the last 30 days.',
    ),
    seen.others.length === 0 ? null : incidentList(seen.others, now),
  );
}

function todo({ mayAct, act }: Drawn, { backend, id, open }: IncidentDetail): HTMLElement {
  const commands = [`npx pm2 logs ${backend}`, 'npx lifeguard status', ...(open ? [`npx lifeguard restart ${backend}`] : [])];
  const button = (label: string, action: string, on: string) =>
    h('button', { type: 'button', onclick: () => act({ action, on }) }, label);
  return h(
    'section',
    { class: 'card actions', 'aria-labelledby': 'todo' },
    h('h2', { id: 'todo' }, 'What you can do'),
    h('ul', { class: 'commands' }, ...commands.map((command) => h('li', {}, h('code', {}, command)))),
    mayAct ? h('p', {}, button('Restart', 'restart', backend), open && button('Acknowledge', 'acknowledge', id)) : null,
  );
}
