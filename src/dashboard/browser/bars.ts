import type { Condition } from '../condition.ts';
import type { Bar } from '../view.ts';
import { h, svg } from './dom.ts';
import { clock, millis, percent, plural } from './words.ts';

/** Bars are as high as things are well: they are told apart without their colours. */
const HEIGHTS: Readonly<Record<Condition, number>> = { well: 1, impaired: 0.6, down: 0.3, unobserved: 0.07 };
const WORDS: Readonly<Record<Condition, string>> = {
  well: 'well',
  impaired: 'impaired',
  down: 'down',
  unobserved: 'not observed',
};
/** Less of a bar than this does not change what it is. */
const SMALL = 0.05;
const CONDITIONS = ['well', 'impaired', 'down', 'unobserved'] as const;

export interface Strip {
  readonly bars: readonly Bar[];
  /** When the last of them ends, and how long one is, ms. */
  readonly endsAt: number;
  readonly barMs: number;
  readonly now: number;
  /** What it is of, such as `The last 24 hours of api`. */
  readonly title: string;
  readonly asTable: boolean;
}

export function conditionOfBar([well, impaired, down]: Bar): Condition {
  const all = well + impaired + down;
  if (all < 1) return 'unobserved';
  if (down / all > SMALL) return 'down';
  return (impaired + down) / all > SMALL ? 'impaired' : 'well';
}

/** A picture of how it was, or the same as a table. */
export function strip(of: Strip): Element {
  return of.asTable ? stripTable(of) : stripPicture(of);
}

function stripPicture({ bars, title }: Strip): Element {
  let shadows = '';
  const paths = new Map<Condition, string>(CONDITIONS.map((condition) => [condition, '']));
  for (const [i, bar] of bars.entries()) {
    const condition = conditionOfBar(bar);
    // A low bar alone is overlooked.
    if (condition === 'down') shadows += shapeOf(i, 1, false);
    paths.set(condition, `${paths.get(condition)}${shapeOf(i, HEIGHTS[condition], bar[3] > 0)}`);
  }
  return svg(
    'svg',
    {
      class: 'bars',
      viewBox: `0 0 ${bars.length} 1`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${title}: ${spoken(bars)}`,
    },
    svg('path', { class: 'down faint', d: shadows }),
    ...[...paths].map(([condition, d]) => svg('path', { class: condition, d })),
  );
}

/** A restart is a notch. */
function shapeOf(i: number, height: number, hasNotch: boolean): string {
  const top = (1 - height).toFixed(2);
  const column = (y: string, h: string) => `M${(i + 0.13).toFixed(2)} ${y}h.74v${h}h-.74z`;
  if (!hasNotch || height < 0.2) return column(top, height.toFixed(2));
  const lower = height * 0.45;
  return column(top, (height - lower - 0.1).toFixed(2)) + column((1 - lower).toFixed(2), lower.toFixed(2));
}

function spoken(bars: readonly Bar[]): string {
  const [well = 0, impaired = 0, down = 0, restarts = 0] = [0, 1, 2, 3].map((at) => sum(bars.map((bar) => bar[at] ?? 0)));
  const all = well + impaired + down;
  if (all === 0) return 'not observed';
  const parts = [
    `well ${percent(well / all)} of the time observed`,
    `impaired ${percent(impaired / all)}`,
    `down ${percent(down / all)}`,
  ];
  return `${parts.join(', ')}; ${plural(restarts, 'restart')}`;
}

interface Row {
  readonly from: number;
  readonly to: number;
  readonly condition: Condition;
  readonly restarts: number;
}

/** Bars that are alike are one row. */
function stripTable({ bars, endsAt, barMs, now, title }: Strip): Element {
  const rows: Row[] = [];
  for (const [i, bar] of bars.entries()) {
    const from = endsAt - (bars.length - i) * barMs;
    const condition = conditionOfBar(bar);
    const last = rows.at(-1);
    if (last?.condition === condition) rows[rows.length - 1] = { ...last, to: from + barMs, restarts: last.restarts + bar[3] };
    else rows.push({ from, to: from + barMs, condition, restarts: bar[3] });
  }
  return table(
    title,
    ['from', 'to', 'was', 'restarts'],
    rows.map(({ from, to, condition, restarts }) => [
      clock(from, now),
      clock(Math.min(to, now), now),
      WORDS[condition],
      String(restarts),
    ]),
  );
}

/** How long its checks took, or the same as a table. */
export function latencies({ bars, endsAt, barMs, now, title, asTable }: Strip): Element {
  const values = bars.map((bar) => bar[4]);
  if (asTable) {
    const rows = values.flatMap((value, i) =>
      value === null ? [] : [[clock(endsAt - (bars.length - i) * barMs, now), millis(value)]],
    );
    return table(title, ['from', 'p95'], rows);
  }
  const known = values.filter((value) => value !== null);
  const most = Math.max(1, ...known);
  const label = known.length === 0 ? 'no answers yet' : `p95 from ${millis(Math.min(...known))} to ${millis(most)}`;
  return svg(
    'svg',
    {
      class: 'line',
      viewBox: `0 0 ${bars.length} 1.05`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${title}: ${label}`,
    },
    svg('path', { d: lineOf(values, most) }),
  );
}

function lineOf(values: readonly (number | null)[], most: number): string {
  let isOpen = false;
  return values
    .map((value, i) => {
      if (value === null) {
        isOpen = false;
        return '';
      }
      const y = (1.02 - value / most).toFixed(3);
      const step = isOpen ? `L${i + 0.5} ${y}` : `M${i + 0.1} ${y}h.4`;
      isOpen = true;
      return `${step}${values[i + 1] === null || i === values.length - 1 ? 'h.4' : ''}`;
    })
    .join('');
}

export function mostOf(bars: readonly Bar[]): number | null {
  const known = bars.flatMap((bar) => (bar[4] === null ? [] : [bar[4]]));
  return known.length === 0 ? null : Math.max(...known);
}

export function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): Element {
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title },
    h(
      'table',
      {},
      h('caption', {}, title),
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell))))),
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
