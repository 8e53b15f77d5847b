import type { Context } from '../context.ts';
import type { BackendSituation, Situation } from '../looking/situation.ts';
import { elapsed } from './elapsed.ts';
import { type Cell, type Paint, type Style, table } from './output.ts';
import { wrapped } from './wrap.ts';

const STYLES: Record<BackendSituation['verdict'], Style> = { well: 'green', problem: 'yellow', down: 'red' };

/** Left out of the table on a narrow terminal, in this order. */
const SPARE = ['up for', 'pid', 'needs'];

/** The situation for people: a table, and a line for what needs words. `columns`: see {@link Context}. */
export function report(situation: Situation, { paint, columns }: Pick<Context, 'paint' | 'columns'>): string {
  if (!situation.daemon) return `${paint('red', 'Nothing is running')} (no PM2 daemon). Start it with: lifeguard start`;
  const rows = [...situation.backends.map(backendRow), ...situation.companions.map(companionRow)];
  const lines = table(['', 'state', 'pid', 'up for', 'port', 'check', 'restarts', 'needs'], rows, paint, {
    columns,
    spare: SPARE,
  });
  return [...lines, ...notes(situation, paint).map((note) => wrapped(note, columns))].join('\n');
}

function backendRow(backend: BackendSituation): Cell[] {
  const { name, state, verdict, pids, uptimeMs, port, lastCheck, restarts, dependencies } = backend;
  return [
    { text: name, style: 'bold' },
    { text: state, style: STYLES[verdict] },
    { text: pids.join(' ') },
    { text: uptimeMs === null ? '' : elapsed(uptimeMs) },
    { text: port === null ? '' : String(port) },
    { text: lastCheck ?? '' },
    {
      text: restarts ? `${restarts.counted} of ${restarts.limit}` : '',
      ...(restarts && restarts.counted > 0 && { style: 'yellow' as const }),
    },
    needsOf(dependencies),
  ];
}

/** What is down by its name; `up` where all of it is. */
function needsOf(dependencies: BackendSituation['dependencies']): Cell {
  const away = dependencies.filter(({ up }) => up !== true);
  if (dependencies.length === 0 || away.length === 0) return { text: dependencies.length === 0 ? '' : 'up' };
  const text = away.map(({ name, up }) => `${name} ${up === null ? '?' : 'down'}`).join(', ');
  return away.some(({ up }) => up === false) ? { text, style: 'red' } : { text };
}

function companionRow({ name, status, pid, uptimeMs }: Situation['companions'][number]): Cell[] {
  return [
    { text: name },
    { text: status, style: status === 'online' ? 'green' : 'red' },
    { text: pid === null ? '' : String(pid) },
    { text: uptimeMs === null ? '' : elapsed(uptimeMs) },
  ];
}

function notes({ watched, backends }: Situation, paint: Paint): string[] {
  const words = backends.flatMap(({ name, verdict, note, waits, dependencies, ...progress }) => [
    ...(note && verdict !== 'well' ? [`${paint(STYLES[verdict], name)}: ${note}`] : []),
    ...(verdict === 'well' ? [] : progressLine(name, progress)),
    ...dependencies
      .filter(({ up }) => up === false && waits === null) // what it waits for is said already
      .map((dependency) => `${paint('red', `${name} needs ${dependency.name}`)}: ${dependency.detail}`),
  ]);
  const unwatched = watched
    ? []
    : [
        `${paint('yellow', 'lifeguard does not answer')}: what is told of the backends is PM2's word alone, and nobody checks them`,
      ];
  const all = [...words, ...unwatched];
  return all.length > 0 ? ['', ...all] : [];
}

/** Since when, what comes next, and where it is told in full. */
function progressLine(
  name: string,
  { sinceMs, next, incident }: Pick<BackendSituation, 'sinceMs' | 'next' | 'incident'>,
): string[] {
  const parts = [
    ...(sinceMs === null ? [] : [`for ${elapsed(sinceMs)}`]),
    ...(next === null ? [] : [`next: ${next}`]),
    ...(incident === null ? [] : [`lifeguard incidents show ${incident}`]),
  ];
  return next === null && incident === null ? [] : [`${name}: ${parts.join('; ')}`];
}
