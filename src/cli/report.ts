import { elapsed } from './elapsed.ts';
import { type Cell, type Paint, type Style, table } from './output.ts';
import type { BackendSituation, Situation } from './situation.ts';

const STYLES: Record<BackendSituation['verdict'], Style> = { well: 'green', problem: 'yellow', down: 'red' };

/** The situation for people: a table, and a line for what needs words. */
export function report(situation: Situation, paint: Paint): string {
  if (!situation.daemon) return `${paint('red', 'Nothing is running')} (no PM2 daemon). Start it with: lifeguard start`;
  const rows = [...situation.backends.map(backendRow), ...situation.companions.map(companionRow)];
  const lines = table(['', 'state', 'pid', 'up for', 'address', 'last check', 'restarts', 'needs'], rows, paint);
  return [...lines, ...notes(situation, paint)].join('\n');
}

function backendRow(backend: BackendSituation): Cell[] {
  const { name, state, verdict, pids, uptimeMs, address, lastCheck, restarts, dependencies } = backend;
  const needs = dependencies.map(
    (dependency) => `${dependency.name} ${dependency.up === null ? '?' : dependency.up ? 'up' : 'down'}`,
  );
  return [
    { text: name, style: 'bold' },
    { text: state, style: STYLES[verdict] },
    { text: pids.join(' ') },
    { text: uptimeMs === null ? '' : elapsed(uptimeMs) },
    { text: address ?? '' },
    { text: lastCheck ?? '' },
    {
      text: restarts ? `${restarts.counted} of ${restarts.limit}` : '',
      ...(restarts && restarts.counted > 0 && { style: 'yellow' as const }),
    },
    { text: needs.join(', '), ...(dependencies.some(({ up }) => up === false) && { style: 'red' as const }) },
  ];
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
  const words = backends.flatMap(({ name, verdict, note, dependencies }) => [
    ...(note && verdict !== 'well' ? [`${paint(STYLES[verdict], name)}: ${note}`] : []),
    ...dependencies
      .filter(({ up }) => up === false)
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
