import type { Command } from 'commander';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { narrowed, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { look } from '../looking/look.ts';
import { judge, type Situation } from '../looking/situation.ts';
import type { Watched } from '../project.ts';
import { situationJson } from '../telling/outcome.ts';
import { report } from '../telling/report.ts';
import { watchScreen } from '../telling/screen.ts';
import { describeNotApplied, notApplied } from '../unapplied.ts';

/** How every backend is, in one look. */
export function addStatus(program: Command, context: Context): void {
  defineCommand(
    program,
    'status [backends...]',
    'how every backend is',
    'Shows how every backend is: by lifeguard, and by PM2 alone while that does not answer; and what the configuration says that is not applied.\nExit status: 0 all well, 1 something is degraded or nobody watches, 2 a backend is down.',
  )
    .option('--watch', 'go on showing it, until q')
    .action(async (names: string[], { json = false, config, watch: isWatched = false }: StatusOptions) => {
      const watch = narrowed(await watchedHere(context, config), names);
      if (isWatched) {
        context.finish(await watchStatus(watch, context));
        return;
      }
      const situation = await look(context, watch);
      const unapplied = await notApplied(context, config);
      if (json) context.print(situationJson(situation, { unapplied }));
      else
        context.print([report(situation, context), ...describeNotApplied(unapplied), ...pageLine(situation, context)].join('\n'));
      context.finish(judge(situation));
    });
}

function pageLine({ page }: Situation, { paint }: Pick<Context, 'paint'>): string[] {
  return page === null ? [] : ['', `${paint('dim', 'page')}  ${paint('cyan', page)}`];
}

interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
}

const EVERY_MS = 1_000;

/** @returns how it was at the last look. @throws LifeguardError `usage` where there is no terminal */
async function watchStatus(watch: Watched, context: Context): Promise<ExitStatus> {
  if (!process.stdout.isTTY || !process.stdin.isTTY)
    throw new LifeguardError('usage', '--watch needs a terminal', {
      hint: 'lifeguard status shows it once; --json is for scripts.',
    });
  let last: ExitStatus = EXIT.well;
  const draw = async (columns: number) => {
    const situation = await look(context, watch);
    last = judge(situation);
    const foot = context.paint('dim', `${new Date().toTimeString().slice(0, 8)}  q ends it`);
    return `${report(situation, { ...context, columns })}\n\n${foot}`;
  };
  await watchScreen(draw, {
    everyMs: EVERY_MS,
    terminal: process.stdout,
    keys: process.stdin,
    interrupted: context.interrupted(),
  });
  return last;
}
