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

/** Rows under a heading, each column as wide as its widest cell. Columns without any content are left out. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const columns = heading.map((_, column) => column).filter((column) => rows.some((row) => row[column]?.text));
  const widths = columns.map((column) =>
    Math.max(...[heading[column] ?? '', ...rows.map((row) => row[column]?.text ?? '')].map(width)),
  );
  const line = (cells: readonly Cell[]) =>
    columns
      .map((column, index) => {
        const { text = '', style } = cells[column] ?? {};
        const padding = index === columns.length - 1 ? '' : ' '.repeat((widths[index] ?? 0) - width(text));
        return (style ? paint(style, text) : text) + padding;
      })
      .join('  ');
  return [line(heading.map((text) => ({ text, style: 'dim' }))), ...rows.map(line)];
}

/** In characters; what PM2 and this package print has no wide ones. */
function width(text: string): number {
  return [...text].length;
}
