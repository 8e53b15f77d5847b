import type { BackendDetail, IncidentDetail, View } from '../view.ts';
import { act, authorized, forgetToken, giveToken, read } from './act.ts';
import { backendPage } from './backend-page.ts';
import { type Child, h, morph } from './dom.ts';
import { incidentPage } from './incident-page.ts';
import { follow } from './live.ts';
import { overview } from './overview.ts';
import type { Drawn } from './scene.ts';
import { duration } from './words.ts';

/** No sign of life for longer than this, and what is shown may not be so any more. */
const STALE_MS = 4_000;
/** What was asked for by itself, such as an incident, is asked for again. */
const DETAIL_MS = 10_000;

const asked = new URLSearchParams(location.search);
document.documentElement.classList.toggle('tv', asked.has('tv'));

let view: View | null = null;
let heardAt = performance.now();
let aheadMs = 0;
let filter = '';
let asTable = asked.has('table');
let note = '';
let detail: {
  readonly of: string;
  readonly value: BackendDetail | IncidentDetail | null;
  readonly at: number;
  readonly error?: string;
} | null = null;

function route(): readonly [kind: string, name: string] {
  const [, kind = '', name = ''] = location.hash.split('/');
  return [kind, decodeURIComponent(name)];
}

function draw(): void {
  if (view === null) return;
  const drawn: Drawn = {
    view,
    now: Date.now() + aheadMs,
    asTable,
    mayAct: view.canAct && authorized() !== null,
    filter,
    setFilter: (text) => {
      filter = text;
      draw();
    },
    act: (what) =>
      void act(what).then(({ text }) => {
        note = text;
        detail = null;
        draw();
      }),
  };
  show('main', ...body(drawn));
  show('#bar', ...controls(drawn));
  show('#note', note);
  const sick = view.backends.filter(({ condition }) => condition === 'down' || condition === 'impaired').length;
  document.title = `${sick > 0 ? `(${sick}) ` : ''}${view.machine} · lifeguard`;
}

function body(drawn: Drawn): readonly Child[] {
  const { backends } = drawn.view;
  const [kind, name] = route();
  if (kind === 'incident')
    return withDetail<IncidentDetail>(
      `api/incidents/${encodeURIComponent(name)}`,
      (found) => found && incidentPage(drawn, found),
    );
  const backend =
    kind === 'backend' ? backends.find((each) => each.name === name) : backends.length === 1 ? backends[0] : undefined;
  if (kind === 'backend' && backend === undefined) return [h('p', { class: 'card' }, `No backend is called ${name}.`)];
  if (backend === undefined) return overview(drawn);
  return withDetail<BackendDetail>(`api/backends/${encodeURIComponent(backend.name)}`, (found) =>
    backendPage(drawn, backend, found),
  );
}

function withDetail<T extends BackendDetail | IncidentDetail>(
  path: string,
  page: (found: T | null) => readonly Child[] | null,
): readonly Child[] {
  const isThere = detail?.of === path;
  if (!isThere || performance.now() - (detail?.at ?? 0) > DETAIL_MS) {
    detail = { of: path, value: isThere ? (detail?.value ?? null) : null, at: performance.now() };
    read<T>(path).then(
      (value) => take({ of: path, value, at: performance.now() }),
      (error: Error) => take({ of: path, value: null, at: performance.now(), error: error.message }),
    );
  }
  return page((detail?.value ?? null) as T | null) ?? [h('p', { class: 'card', role: 'status' }, detail?.error ?? '…')];
}

function take(found: NonNullable<typeof detail>): void {
  if (detail?.of !== found.of) return;
  detail = found;
  draw();
}

function controls({ view: { machine, backends, canAct } }: Drawn): Child[] {
  const isHome = route()[0] === '' || backends.length === 0;
  const stale = performance.now() - heardAt > STALE_MS;
  const flip = () => {
    asTable = !asTable;
    draw();
  };
  return [
    h('h1', {}, isHome ? machine : h('a', { href: '#/', 'aria-label': `${machine}: all backends` }, `‹ ${machine}`)),
    h(
      'span',
      { class: `live${stale ? ' stale' : ''}` },
      h('span', { role: 'status' }, stale ? 'stale' : 'live'),
      stale && h('span', { 'aria-hidden': 'true' }, ` for ${duration(performance.now() - heardAt)}`),
    ),
    h('button', { type: 'button', class: 'plain', 'aria-pressed': String(asTable), onclick: flip }, 'Tables'),
    canAct && tokenButton(),
  ];
}

function tokenButton(): HTMLElement {
  if (authorized() === null) return h('button', { type: 'button', class: 'plain', onclick: askForToken }, 'Token');
  const leave = () => {
    forgetToken();
    location.reload();
  };
  return h('button', { type: 'button', class: 'plain', onclick: leave }, 'Forget the token');
}

function askForToken(): void {
  const dialog = document.querySelector('dialog');
  if (dialog?.open === false) dialog.showModal();
}

function show(selector: string, ...children: readonly Child[]): void {
  const old = document.querySelector(selector);
  if (old === null) return;
  const fresh = old.cloneNode(false) as Element;
  for (const child of children)
    if (child !== null && child !== false) fresh.append(child instanceof Node ? child : String(child));
  morph(old, fresh);
}

document.querySelector('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const field = document.querySelector<HTMLInputElement>('#token');
  void giveToken(field?.value.trim() ?? '').then((wrong) => {
    if (wrong === null) location.reload();
    else show('#wrong', wrong);
  });
});
document.querySelector('#cancel')?.addEventListener('click', () => document.querySelector('dialog')?.close());
addEventListener('hashchange', () => {
  note = '';
  draw();
  document.querySelector('main')?.focus();
  scrollTo(0, 0);
});
addEventListener('keydown', (event) => {
  const field = document.querySelector<HTMLInputElement>('#filter');
  if (event.key !== '/' || field === null || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  field.focus();
});
follow((fresh) => {
  view = fresh;
  heardAt = performance.now();
  aheadMs = fresh.at - Date.now();
  draw();
}, askForToken);
setInterval(draw, 1_000);
