import { commented } from '../comment.ts';

/** A setting and its value, a remark of one line, or an empty line. */
export type UnitLine = readonly [key: string, value: string | number] | { readonly comment: string } | '';

export interface UnitSection {
  readonly name: string;
  readonly lines: readonly UnitLine[];
}

/** A unit, or another file of systemd's, as text. */
export function unitFile(header: readonly string[], sections: readonly UnitSection[]): string {
  const blocks = sections.map(({ name, lines }) => [`[${name}]`, ...lines.map(textOf)].join('\n'));
  return `${[commented(header), ...blocks].join('\n\n')}\n`;
}

function textOf(line: UnitLine): string {
  if (line === '') return '';
  return 'comment' in line ? commented([line.comment]) : `${line[0]}=${line[1]}`;
}

/** A duration as systemd writes it: `500ms`, `10s`, `10min`, `15h`, `10d`. */
export function systemdTime(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  const unit = ms === 0 ? undefined : units.find(([, size]) => ms % size === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : ms === 0 ? '0' : `${Math.ceil(ms)}ms`;
}
