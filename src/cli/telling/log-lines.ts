import type { LogSource } from '../looking/log-sources.ts';
import type { Paint } from './output.ts';

export interface ShownLine {
  readonly source: LogSource;
  readonly text: string;
  /** Wall clock, ms; null: not known. */
  readonly time: number | null;
}

/** A line as it stands in the log, after whose it is: in red what went to stderr. */
export function shownLine({ source, text }: ShownLine, width: number, paint: Paint): string {
  return `${paint(source.stream === 'err' ? 'red' : 'cyan', `${source.app.padEnd(width)} |`)} ${text}`;
}

export function lineJson({ source, text, time }: ShownLine): string {
  const at = time === null ? null : new Date(time).toISOString();
  return JSON.stringify({ time: at, app: source.app, stream: source.stream, line: text });
}

/** Several logs as one, in the order of time; a line of which nothing tells the time stays behind the one before it in its own log. */
export function inOrder(logs: readonly (readonly ShownLine[])[]): ShownLine[] {
  const keyed = logs.flatMap((lines) => {
    let last = Number.NEGATIVE_INFINITY;
    return lines.map((line) => {
      last = line.time ?? last;
      return { line, at: last };
    });
  });
  return keyed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ line }) => line);
}
