import type { BackendDetail, BackendView } from '../view.ts';
import { latencies, mostOf, strip } from './bars.ts';
import { type Child, h } from './dom.ts';
import { feed, incidentList } from './feed.ts';
import { BAR_MS, type Drawn, endOfBars, incidentLink } from './scene.ts';
import { shape } from './shapes.ts';
import { millis, next, sentence } from './words.ts';

const DAY_MS = 86_400_000;

/** One backend: a sentence, its day, its month, its incidents, and what can be done. `detail` null: not there yet. */
export function backendPage(drawn: Drawn, backend: BackendView, detail: BackendDetail | null): HTMLElement[] {
  return [
    h('section', { class: 'card hero', 'aria-labelledby': 'name' }, head(drawn, backend), day(drawn, backend)),
    ...(drawn.mayAct ? [actions(drawn, backend)] : []),
    ...(detail === null ? [] : [month(drawn, backend, detail), incidents(drawn, detail)]),
    feed(drawn, backend.name),
  ];
}

function head({ now }: Drawn, backend: BackendView): HTMLElement {
  const { name, port, condition, reason, incident, dependencies, lastCheck, p50Ms, p99Ms } = backend;
  const due = next(backend, now);
  const facts = [
    port === null ? null : `port ${port}`,
    lastCheck === null ? null : `last check ${lastCheck}`,
    p50Ms === null ? null : `p50 ${millis(p50Ms)}, p99 ${millis(p99Ms)}`,
    ...dependencies.map(({ name: dependency, up }) => `${dependency} ${up === null ? 'not asked yet' : up ? 'up' : 'down'}`),
  ];
  return h(
    'div',
    {},
    h('h2', { id: 'name' }, shape(condition), name),
    h('p', { class: `sentence ${condition}` }, `${sentence(backend, now)}.`),
    reason === null && due === null ? null : h('p', { class: 'reason' }, [reason, due].filter(Boolean).join(' ')),
    incident === null ? null : h('p', {}, h('a', { href: incidentLink(incident) }, `Incident ${incident}`)),
    h('p', { class: 'quiet' }, facts.filter((fact) => fact !== null).join(' · ')),
  );
}

function day({ now, asTable }: Drawn, { name, bars }: BackendView): HTMLElement {
  const about = { bars, endsAt: endOfBars(now), barMs: BAR_MS, now, asTable };
  const most = mostOf(bars);
  return h(
    'div',
    { class: 'day' },
    h('h3', {}, 'The last 24 hours'),
    strip({ ...about, title: `The last 24 hours of ${name}` }),
    axis('24 h ago', 'now'),
    legend(),
    h('h3', {}, 'How long its checks took', h('span', { class: 'quiet' }, most === null ? '' : ` p95, up to ${millis(most)}`)),
    latencies({ ...about, title: `How long the checks of ${name} took` }),
    axis('24 h ago', 'now'),
  );
}

function month({ now, asTable }: Drawn, { name }: BackendView, { days }: BackendDetail): HTMLElement {
  const bars = days.map(({ bar }) => bar);
  return h(
    'section',
    { class: 'card', 'data-key': 'month', 'aria-labelledby': 'month' },
    h('h2', { id: 'month' }, 'The last 30 days'),
    strip({ bars, endsAt: endOfBars(now), barMs: DAY_MS, now, title: `The last 30 days of ${name}`, asTable }),
    axis('30 days ago', 'now'),
  );
}

function incidents({ now }: Drawn, { incidents: found }: BackendDetail): HTMLElement {
  return h(
    'section',
    { class: 'card', 'data-key': 'incidents', 'aria-labelledby': 'incidents' },
    h('h2', { id: 'incidents' }, 'Its incidents'),
    incidentList(found, now),
  );
}

function actions({ act }: Drawn, { name, state }: BackendView): HTMLElement {
  const button = (label: string, what: { action: string; for?: string }) =>
    h('button', { type: 'button', onclick: () => act({ on: name, ...what }) }, label);
  return h(
    'section',
    { class: 'card actions', 'data-key': 'actions', 'aria-labelledby': 'actions' },
    h('h2', { id: 'actions' }, 'What you can do'),
    h(
      'p',
      {},
      button('Check now', { action: 'check' }),
      button('Restart', { action: 'restart' }),
      state === 'paused' ? button('Resume', { action: 'resume' }) : button('Pause for 10 min', { action: 'pause', for: '10m' }),
      button('Reset its restarts', { action: 'reset' }),
      h('button', { type: 'button', onclick: () => act({ action: 'rotate-logs' }) }, 'Rotate all logs'),
    ),
  );
}

function axis(from: string, to: string): HTMLElement {
  return h('p', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, from), h('span', {}, to));
}

function legend(): HTMLElement {
  const entry = (condition: string, text: string): Child => h('span', {}, h('i', { class: condition }), text);
  return h(
    'p',
    { class: 'legend' },
    entry('well', 'well'),
    entry('impaired', 'impaired'),
    entry('down', 'down'),
    entry('notch', 'restarted'),
    entry('unobserved', 'not observed'),
  );
}
