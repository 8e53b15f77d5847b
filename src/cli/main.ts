/** `lifeguard`, the command. The one place where it touches the process: its arguments, streams, exit status. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { undoLeft } from '../drill/undo.ts';
import { PACKAGE_ROOT } from '../ecosystem/package-root.ts';
import { refuseUnsupportedSystem } from '../host/supported.ts';
import { thisHost } from '../host/this-host.ts';
import { pm2HomeOf } from '../pm2/home.ts';
import { COMMANDS, commandsFor } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-status.ts';
import { tellFailure } from './failure.ts';
import { liveLine } from './telling/live-line.ts';
import { painter } from './telling/output.ts';

/** Runs the command that `argv` (without node and script) names, and sets the exit status. Never throws. */
export async function lifeguard(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', endQuietly);
  const context = contextOf(process.env);
  try {
    refuseUnsupportedSystem();
    await undoDrills(context);
    const program = await programOf(context, commandsFor(argv));
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.well : EXIT.usage;
    else process.exitCode = await tellFailure(error, context, argv.includes('--json'));
  }
}

/** The command line with these commands, all of them unless told otherwise; its actions run in `context`. */
export async function programOf(context: Context, commands = COMMANDS): Promise<Command> {
  const program = new Command('lifeguard')
    .description('Keeps HTTP backends alive under PM2: health checks, restarts that hold to a limit, logs that lose nothing.')
    .version(versionOf(), '--version')
    .helpOption('--help', 'this text')
    .helpCommand(false)
    .showHelpAfterError('(lifeguard --help tells more)')
    .exitOverride()
    .addHelpText('after', '\nExit status: 0 all well, 1 degraded or a problem found, 2 down, 64 wrong usage.');
  for (const add of await Promise.all(commands.map(({ load }) => load()))) add(program, context);
  return program;
}

/** A drill whose command was killed is put right by whatever comes next. */
async function undoDrills({ pm2Home, host, tell }: Context): Promise<void> {
  for (const { lifeguard, backend } of await undoLeft(pm2Home, host)) {
    tell(`A drill of ${backend} was left unfinished: it is undone now.`);
    const { askLifeguard } = await import('./looking/ask-lifeguard.ts');
    await askLifeguard(pm2Home, lifeguard, 'reset', backend); // gives back what it spent of the restart budget
  }
}

function contextOf(environment: NodeJS.ProcessEnv): Context {
  const live = liveLine(process.stderr);
  return {
    environment,
    pm2Home: pm2HomeOf(environment),
    get host() {
      return thisHost(environment);
    },
    print: (text) => void process.stdout.write(`${text}\n`),
    tell(text) {
      live('');
      process.stderr.write(`${text}\n`);
    },
    live,
    paint: painter(process.stdout.isTTY === true, environment),
    columns: process.stdout.isTTY ? process.stdout.columns : null,
    interrupted: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal));
      }),
    finish(status) {
      process.exitCode = status;
    },
  };
}

/** `lifeguard status | head -1`: the reader has what it wanted. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

function versionOf(): string {
  return (JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')) as { version: string }).version;
}
