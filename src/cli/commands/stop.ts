import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { listProcesses } from '../look.ts';
import { fileMeant } from '../project.ts';

interface Stopped {
  /** Apps that were stopped or taken out of PM2's list, in that order. */
  readonly apps: readonly string[];
  readonly daemon: 'ended' | 'left' | 'absent';
  readonly why: string | null;
}

/** Stops all of it, or some of its backends. */
export function addStop(program: Command, context: Context): void {
  defineCommand(
    program,
    'stop [backends...]',
    'stop everything, or some backends',
    "Stops the backends gracefully, then lifeguard and the database, and PM2's daemon if nothing else runs in it. With names it stops only those backends: they stay in PM2's list, and lifeguard leaves them alone.\nIt needs no valid configuration.",
  ).action(async (names: string[], { json = false, config }: CommonOptions) => {
    const stopped = await stop(context, config, names);
    if (json) context.print(JSON.stringify(stopped, null, 2));
    else context.print(describe(stopped));
    context.finish(EXIT.well);
  });
}

async function stop(context: Context, config: string | undefined, names: readonly string[]): Promise<Stopped> {
  const { pm2Home, environment } = context;
  const listed = await listProcesses(pm2Home);
  const file = fileMeant(config, listed ?? []);
  if (!listed || file === null) return { apps: [], daemon: listed ? 'left' : 'absent', why: listed && 'it runs nothing of ours' };
  const { stopBackends, takeAllDown } = await import('../../pm2/launch/take-down.ts');
  const task = { file, pm2Home, print: progress(context) };
  if (names.length === 0) return takeAllDown(task, environment);
  return { apps: await stopBackends({ ...task, only: names }), daemon: 'left', why: null };
}

function progress({ tell, paint }: Context): (line: string) => void {
  return (line) => tell(paint('dim', line));
}

function describe({ apps, daemon, why }: Stopped): string {
  if (apps.length === 0 && daemon === 'absent') return 'Nothing was running.';
  const what = apps.length === 0 ? 'Nothing of it was running.' : `Stopped: ${apps.join(', ')}.`;
  return daemon === 'ended'
    ? `${what} PM2's daemon too, as nothing else ran in it.`
    : `${what}${why ? ` PM2's daemon runs on: ${why}.` : ''}`;
}
