import { timeIn } from './line-time.ts';
import { linesIn } from './lines.ts';
import { type LogFile, logFiles } from './log-files.ts';

/** What is looked for in a log. Times are wall clock, ms; null: no such limit. */
export interface LogQuery {
  readonly since: number | null;
  readonly until: number | null;
  readonly grep: RegExp | null;
  /** How many of the last lines that fit. */
  readonly last: number;
}

export interface LogLine {
  readonly text: string;
  /** When it was written, by the line itself or one before it; null: nothing tells. */
  readonly time: number | null;
}

export interface FoundLines {
  readonly lines: readonly LogLine[];
  /** A time was asked for, and no line of a file that may hold older ones says when it was written. */
  readonly untimed: boolean;
}

/**
 * The last lines of a log that fit, its archives included, oldest first. Reads from the newest file back, and no further than it must.
 * @param bytes see {@link logFiles}
 */
export async function findLines(live: string, query: LogQuery, bytes: number | null = null): Promise<FoundLines> {
  let lines: readonly LogLine[] = [];
  let untimed = false;
  for (const file of logFiles(live, bytes).reverse()) {
    if (lines.length >= query.last) break;
    if (query.since !== null && file.endsAt !== null && file.endsAt < query.since) break;
    if (query.until !== null && file.beginsAt !== null && file.beginsAt > query.until) continue;
    const found = await linesOf(file, query);
    lines = [...found.lines, ...lines].slice(-query.last);
    untimed ||= found.untimed;
  }
  return { lines, untimed };
}

/** Keeps twice as many as are wanted at most, whatever the file's size. */
async function linesOf(file: LogFile, query: LogQuery): Promise<FoundLines> {
  let kept: LogLine[] = [];
  let time: number | null = null;
  for await (const text of linesIn(file)) {
    time = timeIn(text) ?? time;
    if (query.until !== null && time !== null && time > query.until) continue;
    if (query.since !== null && time !== null && time < query.since) {
      kept = []; // what came before it is older still
      continue;
    }
    if (query.grep && !query.grep.test(text)) continue;
    kept.push({ text, time });
    if (kept.length > 2 * query.last) kept = kept.slice(-query.last);
  }
  const isWithin = query.since === null || (file.beginsAt !== null && file.beginsAt >= query.since);
  return { lines: kept.slice(-query.last), untimed: kept.length > 0 && time === null && !(isWithin && query.until === null) };
}
