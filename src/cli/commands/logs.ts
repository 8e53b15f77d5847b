import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { lastLines } from '../../incidents/last-lines.ts';
import { ownershipOf } from '../../pm2/ownership/owner.ts';
import { ecosystemAt } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { listProcesses } from '../looking/look.ts';
import { fileMeant } from '../project.ts';

interface LogsOptions extends CommonOptions {
  readonly lines: string;
  readonly follow: boolean;
}

/** PM2's log view; of what no longer runs, the ends of its files. */
export function addLogs(program: Command, context: Context): void {
  defineCommand(
    program,
    'logs [apps...]',
    'what they wrote, and what they write now',
    'Shows the last lines of every log and follows them, across rotations. When nothing runs: the last lines alone.\nExit status: 0, or 2 when nothing runs.',
  )
    .option('--lines <n>', 'how many of the last lines', '15')
    .option('--no-follow', 'do not wait for more')
    .action(async (names: string[], options: LogsOptions) => {
      if (!/^\d+$/.test(options.lines)) throw new LifeguardError('usage', `--lines ${options.lines}: expected a number`);
      const listed = (await listProcesses(context.pm2Home)) ?? [];
      const file = fileMeant(options.config, listed);
      const running = new Set(file === null ? [] : listed.filter(ownershipOf(file, listed).isOurs).map(({ name }) => name));
      const unknown = names.filter((name) => !running.has(name));
      context.finish(
        running.size > 0 && unknown.length === 0
          ? await pm2Logs(context, names.length > 0 ? names : [...running], options)
          : await endsOfFiles(context, names, options),
      );
    });
}

/** Ends with the user's Ctrl-C, or by itself with `--no-follow`. */
async function pm2Logs(
  { environment }: Context,
  names: readonly string[],
  { json, lines, follow }: LogsOptions,
): Promise<ExitStatus> {
  const { pm2Program } = await import('../../pm2/daemon/upstream.ts');
  const which = names.length > 1 ? [`/^(${names.map((name) => name.replace(/\./g, '\\.')).join('|')})$/`] : names;
  const args = [pm2Program(), 'logs', ...which, '--lines', lines, ...(follow ? [] : ['--nostream']), ...(json ? ['--json'] : [])];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: environment as NodeJS.ProcessEnv });
  return new Promise((resolve, reject) => {
    const wait = () => undefined; // the child gets Ctrl-C itself
    process.on('SIGINT', wait);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', wait);
      resolve(code === 0 || code === null ? EXIT.well : EXIT.problem);
    });
  });
}

async function endsOfFiles(
  context: Context,
  names: readonly string[],
  { config, json, lines }: LogsOptions,
): Promise<ExitStatus> {
  const { apps } = await ecosystemAt(config);
  const known = apps.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new LifeguardError('usage', `there is no app ${unknown.join(', ')}`, { hint: `There is ${known.join(', ')}.` });
  const files = apps
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .flatMap(({ out_file, error_file }) => [out_file, error_file]);
  for (const file of new Set(files)) {
    const ends = (await lastLines(file)).slice(-Number(lines));
    if (json) for (const line of ends) context.print(JSON.stringify({ file, line }));
    else if (ends.length > 0) context.print(`${context.paint('bold', file)}\n${ends.join('\n')}\n`);
  }
  context.tell('None of them runs: these are the last lines that they wrote.');
  return EXIT.down;
}
