import type { Command } from 'commander';
import type { TakenDown } from '../../../pm2/launch/take-down.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { listProcesses } from '../../looking/look.ts';
import { fileMeant } from '../../project.ts';

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

async function stop(context: Context, config: string | undefined, names: readonly string[]): Promise<TakenDown> {
  const { pm2Home, environment } = context;
  const listed = await listProcesses(pm2Home);
  const file = fileMeant(pm2Home, config, listed ?? []);
  if (file === null) {
    const daemon = listed ? 'left' : 'absent';
    return { apps: [], unsaved: [], daemon, why: listed && 'it runs nothing of ours' };
  }
  const { stopBackends, takeAllDown } = await import('../../../pm2/launch/take-down.ts');
  const about = { file, pm2Home, environment, print: progress(context) };
  return names.length > 0 ? stopBackends(about, names) : takeAllDown(about);
}

function progress({ tell, paint }: Context): (line: string) => void {
  return (line) => tell(paint('dim', line));
}

function describe({ apps, unsaved, daemon, why }: TakenDown): string {
  return [whatRan({ apps, daemon, why }), ...(unsaved.length > 0 ? [atBoot(unsaved)] : [])].join('\n');
}

function atBoot(unsaved: readonly string[]): string {
  return `A boot does not bring them back: ${unsaved.join(', ')} are out of PM2's saved list until the next lifeguard start.`;
}

function whatRan({ apps, daemon, why }: Pick<TakenDown, 'apps' | 'daemon' | 'why'>): string {
  if (apps.length === 0 && daemon === 'absent') return 'Nothing was running.';
  const what = apps.length === 0 ? 'Nothing of it was running.' : `Stopped: ${apps.join(', ')}.`;
  return daemon === 'ended'
    ? `${what} PM2's daemon too, as nothing else ran in it.`
    : `${what}${why ? ` PM2's daemon runs on: ${why}.` : ''}`;
}
