import { styleText } from 'node:util';

export type Style = 'bold' | 'red' | 'yellow' | 'green' | 'dim' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** Colours only where somebody looks: a terminal that is not dumb; NO_COLOR (no-color.org) and FORCE_COLOR decide it otherwise. */
export function painter(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const wanted = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : isTerminal && env.TERM !== 'dumb';
  const coloured = wanted && !env.NO_COLOR;
  return (style, text) => (coloured && text !== '' ? styleText(style, text, { validateStream: false }) : text);
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** How much room a table has. */
export interface Room {
  /** In columns of characters; null: as much as it likes. */
  readonly columns: number | null;
  /** Headings of what may be left out where it is too wide, the least needed first. */
  readonly spare: readonly string[];
}

/** Rows under a heading, each column as wide as its widest cell. Columns without any content are left out. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
  room: Room = { columns: null, spare: [] },
): string[] {
  const widthOf = (column: number) =>
    Math.max(...[heading[column] ?? '', ...rows.map((row) => row[column]?.text ?? '')].map(width));
  const filled = heading.map((_, column) => column).filter((column) => rows.some((row) => row[column]?.text));
  const columns = thatFit(filled, heading, widthOf, room);
  const line = (cells: readonly Cell[]) =>
    columns
      .map((column, index) => {
        const { text = '', style } = cells[column] ?? {};
        const padding = index === columns.length - 1 ? '' : ' '.repeat(widthOf(column) - width(text));
        return (style ? paint(style, text) : text) + padding;
      })
      .join('  ');
  return [line(heading.map((text) => ({ text, style: 'dim' }))), ...rows.map(line)];
}

function thatFit(
  columns: readonly number[],
  heading: readonly string[],
  widthOf: (column: number) => number,
  room: Room,
): readonly number[] {
  const total = columns.reduce((sum, column) => sum + widthOf(column) + 2, -2);
  const [first, ...others] = room.spare;
  if (room.columns === null || total <= room.columns || first === undefined) return columns;
  const fewer = columns.filter((column) => heading[column] !== first);
  return thatFit(fewer, heading, widthOf, { ...room, spare: others });
}

/** In characters; what PM2 and this package print has no wide ones. */
function width(text: string): number {
  return [...text].length;
}
