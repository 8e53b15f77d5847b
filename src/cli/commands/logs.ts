import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { incidentHistory } from '../../incidents/history.ts';
import { findLines, type LogQuery } from '../../logs/reading/find-lines.ts';
import { Follower } from '../../logs/reading/follow.ts';
import { watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { incidentCalled } from '../looking/incident-called.ts';
import { type LogSource, logSourcesHere } from '../looking/log-sources.ts';
import { inOrder, lineJson, type ShownLine, shownLine } from '../telling/log-lines.ts';

interface LogsOptions extends CommonOptions {
  readonly lines?: string;
  readonly since?: string;
  readonly grep?: string;
  readonly around?: string;
  readonly follow: boolean;
}

const LAST_LINES = 15;
/** Where a time or a pattern says what is wanted. */
const MOST_LINES = 10_000;
/** Shown before an incident's first failure, and after its end. */
const AROUND_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** What the apps wrote, in their files and archives, and what they write now. */
export function addLogs(program: Command, context: Context): void {
  defineCommand(
    program,
    'logs [apps...]',
    'what they wrote, and what they write now',
    'Shows the last lines of every log, rotated ones included, and follows them. With --since, --grep or --around: all that fits, in the order of time. A line is as old as it says itself, or as the last one before it that does.\nPATTERN is a regular expression; in small letters it fits capitals too.\nExit status: 0, or 2 when nothing runs.',
  )
    .option('--lines <n>', `how many of the last lines (default: ${LAST_LINES}; with --since, --grep, --around: ${MOST_LINES})`)
    .option('--since <duration>', 'no older than this: 10m, 2h')
    .option('--grep <pattern>', 'only lines that this fits')
    .option('--around <incident>', 'from a minute before an incident to a minute after it')
    .option('--no-follow', 'do not wait for more')
    .action(async (names: string[], options: LogsOptions) => {
      const { query, backends } = await queryOf(context, names, options);
      const { sources, running } = await logSourcesHere(context.pm2Home, options.config, backends);
      const tell = teller(context, sources, options.json ?? false);
      const follows = running && options.follow && options.around === undefined;
      const logs = sources.map((source) => ({ source, follower: follows ? new Follower(source.file) : null }));
      await tellPast(context, logs, query, tell, isPicky(options));
      if (!running) context.tell('None of them runs: these are the last lines that they wrote.');
      if (follows) await follow(logs, query.grep, context, tell.one);
      context.finish(running ? EXIT.well : EXIT.down);
    });
}

function isPicky({ since, grep, around }: LogsOptions): boolean {
  return since !== undefined || grep !== undefined || around !== undefined;
}

async function queryOf(
  context: Context,
  names: readonly string[],
  options: LogsOptions,
): Promise<{ query: LogQuery; backends: readonly string[] }> {
  const { lines, since, grep, around, config } = options;
  if (lines !== undefined && !/^\d+$/.test(lines)) throw new LifeguardError('usage', `--lines ${lines}: expected a number`);
  const last = lines === undefined ? (isPicky(options) ? MOST_LINES : LAST_LINES) : Number(lines);
  const from = since === undefined ? null : Date.now() - durationOption('--since', since);
  const query = { last, since: from, until: null, grep: grep === undefined ? null : patternOf(grep) };
  if (around === undefined) return { query, backends: names };
  const { journal } = await watchedHere(context, config);
  const { startedAt, endedAt, open, records, backend } = incidentCalled(await incidentHistory(journal), around);
  const end = endedAt ?? (open ? null : Date.parse(records.at(-1)?.time ?? ''));
  return {
    query: { ...query, since: startedAt - AROUND_MS, until: end === null ? null : end + AROUND_MS },
    backends: names.length > 0 ? names : [backend],
  };
}

/** Small letters alone fit capitals too, as `rg --smart-case` has it. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, /\p{Lu}/u.test(text) ? '' : 'i');
  } catch (error) {
    throw new LifeguardError('usage', `--grep ${text}: ${(error as Error).message}`);
  }
}

interface Log {
  readonly source: LogSource;
  /** Begins where the past ends; null: nothing more is waited for. */
  readonly follower: Follower | null;
}

interface Teller {
  one(line: ShownLine): void;
  heading(file: string): void;
}

function teller({ print, paint }: Context, sources: readonly LogSource[], json: boolean): Teller {
  const width = Math.max(0, ...sources.map(({ app }) => app.length));
  if (json) return { one: (line) => print(lineJson(line)), heading: () => undefined };
  return { one: (line) => print(shownLine(line, width, paint)), heading: (file) => print(paint('dim', file)) };
}

async function tellPast(context: Context, logs: readonly Log[], query: LogQuery, tell: Teller, merged: boolean): Promise<void> {
  const found: ShownLine[][] = [];
  for (const { source, follower } of logs) {
    const { lines, untimed } = await findLines(source.file, query, follower?.from ?? null);
    if (untimed && query.since !== null)
      context.tell(
        context.paint('dim', `${source.file}: its lines do not say when they were written; older ones may be among them`),
      );
    const shown = lines.map((line) => ({ source, ...line }));
    if (merged) found.push(shown);
    else if (shown.length > 0) {
      tell.heading(source.file);
      shown.forEach(tell.one);
    }
  }
  for (const line of inOrder(found).slice(-query.last)) tell.one(line);
}

/** Until Ctrl-C. */
async function follow(
  logs: readonly Log[],
  grep: RegExp | null,
  { interrupted }: Context,
  show: (line: ShownLine) => void,
): Promise<void> {
  const over = interrupted().then(() => true);
  do {
    for (const { source, follower } of logs)
      for (const text of follower?.look() ?? []) if (!grep || grep.test(text)) show({ source, text, time: Date.now() });
  } while (!(await Promise.race([over, sleep(LOOK_EVERY_MS, false)])));
  for (const { follower } of logs) follower?.close();
}
