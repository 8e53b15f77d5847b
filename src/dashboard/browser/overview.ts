import type { Condition } from '../condition.ts';
import type { BackendView } from '../view.ts';
import { strip } from './bars.ts';
import { h } from './dom.ts';
import { feed } from './feed.ts';
import { BAR_MS, backendLink, type Drawn, endOfBars } from './scene.ts';
import { shape } from './shapes.ts';
import { duration, millis, next, plural } from './words.ts';

/** More than this, and those that are well are tiles. */
const ROWS = 12;
/** Of a row: the last 16 hours. */
const BARS = 60;
const ORDER = ['down', 'impaired', 'unobserved', 'well'] as const;

/** Several backends: a row each; many: how many are in which state, the sick ones as rows, the others as tiles. */
export function overview(drawn: Drawn): HTMLElement[] {
  const { view } = drawn;
  const sorted = [...view.backends].sort((a, b) => ORDER.indexOf(a.condition) - ORDER.indexOf(b.condition));
  if (sorted.length <= ROWS) return [counts(drawn), rows(drawn, view.backends, 'Backends'), feed(drawn)];
  const found = sorted.filter((backend) => matches(backend, drawn.filter));
  const sick = found.filter(({ condition }) => condition !== 'well');
  const well = found.filter(({ condition }) => condition === 'well');
  return [
    counts(drawn),
    filterField(drawn, found.length),
    ...(sick.length > 0 ? [rows(drawn, sick, 'Not well')] : []),
    ...(well.length > 0 ? [tiles(well)] : []),
    feed(drawn),
  ];
}

function counts({ view, filter, setFilter }: Drawn): HTMLElement {
  const byState = new Map<string, { readonly condition: Condition; count: number }>();
  for (const { state, condition } of view.backends)
    byState.set(state, { condition, count: (byState.get(state)?.count ?? 0) + 1 });
  const states = [...byState].sort(([, a], [, b]) => ORDER.indexOf(a.condition) - ORDER.indexOf(b.condition));
  const isFilter = view.backends.length > ROWS;
  return h(
    'ul',
    { class: 'counts', 'aria-label': 'How many are in which state' },
    ...states.map(([state, { condition, count }]) => {
      const inside = [shape(condition), h('b', {}, String(count)), ` ${state}`];
      const isOn = filter === state;
      const press = () => setFilter(isOn ? '' : state);
      return h(
        'li',
        { 'data-key': state },
        isFilter
          ? h('button', { type: 'button', 'aria-pressed': String(isOn), onclick: press }, ...inside)
          : h('span', {}, ...inside),
      );
    }),
  );
}

function filterField({ filter, setFilter, view }: Drawn, found: number): HTMLElement {
  const type = (event: Event) => setFilter((event.target as HTMLInputElement).value);
  return h(
    'p',
    { class: 'filter' },
    h('label', { for: 'filter' }, 'Filter'),
    h('input', {
      id: 'filter',
      type: 'search',
      value: filter,
      placeholder: 'a name or a state',
      autocomplete: 'off',
      oninput: type,
    }),
    h('span', { class: 'quiet', role: 'status' }, `${found} of ${plural(view.backends.length, 'backend')}`),
  );
}

function matches({ name, state, condition }: BackendView, filter: string): boolean {
  const wanted = filter.trim().toLowerCase();
  return wanted === '' || state === wanted || condition === wanted || name.toLowerCase().includes(wanted);
}

function rows(drawn: Drawn, backends: readonly BackendView[], title: string): HTMLElement {
  return h(
    'section',
    { class: 'card', 'data-key': title, 'aria-labelledby': 'rows' },
    h('h2', { id: 'rows' }, title),
    h('ul', { class: 'rows' }, ...backends.map((backend) => row(drawn, backend))),
  );
}

function row({ now, asTable }: Drawn, backend: BackendView): HTMLElement {
  const { name, state, condition, reason, since, p95Ms, restarts, maxRestarts } = backend;
  const due = next(backend, now);
  const title = `The last 16 hours of ${name}`;
  return h(
    'li',
    { 'data-key': name },
    h(
      'div',
      { class: 'who' },
      shape(condition),
      h('a', { href: backendLink(name) }, name),
      h('span', { class: `word ${condition}` }, `${state} for ${duration(now - since)}`),
    ),
    strip({ bars: backend.bars.slice(-BARS), endsAt: endOfBars(now), barMs: BAR_MS, now, title, asTable }),
    h(
      'dl',
      {},
      h('div', {}, h('dt', {}, 'p95'), h('dd', {}, millis(p95Ms))),
      h('div', {}, h('dt', {}, 'restarts left'), h('dd', {}, `${maxRestarts - restarts} of ${maxRestarts}`)),
    ),
    reason === null ? null : h('p', { class: 'reason' }, [reason, due].filter(Boolean).join(' ')),
  );
}

function tiles(backends: readonly BackendView[]): HTMLElement {
  return h(
    'section',
    { class: 'card', 'data-key': 'tiles', 'aria-labelledby': 'tiles' },
    h('h2', { id: 'tiles' }, 'Well'),
    h(
      'ul',
      { class: 'tiles' },
      ...backends.map(({ name, condition, state, p95Ms, restarts }) =>
        h(
          'li',
          { 'data-key': name },
          h(
            'a',
            { href: backendLink(name) },
            shape(condition),
            h('span', { class: 'name' }, name),
            h(
              'span',
              { class: 'quiet' },
              [state === 'healthy' ? millis(p95Ms) : state, restarts > 0 && plural(restarts, 'restart')]
                .filter(Boolean)
                .join(', '),
            ),
          ),
        ),
      ),
    ),
  );
}
