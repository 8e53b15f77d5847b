import type { Command } from 'commander';
import { narrowed, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { look } from '../looking/look.ts';
import { judge } from '../looking/situation.ts';
import { situationJson } from '../telling/outcome.ts';
import { report } from '../telling/report.ts';
import { describeNotApplied, notApplied } from '../unapplied.ts';

/** How every backend is, in one look. */
export function addStatus(program: Command, context: Context): void {
  defineCommand(
    program,
    'status [backends...]',
    'how every backend is',
    'Shows how every backend is: by lifeguard, and by PM2 alone while that does not answer; and what the configuration says that is not applied.\nExit status: 0 all well, 1 something is degraded or nobody watches, 2 a backend is down.',
  ).action(async (names: string[], { json = false, config }: CommonOptions) => {
    const [situation, unapplied] = await Promise.all([
      watchedHere(context, config).then((watch) => look(context, narrowed(watch, names))),
      notApplied(context, config),
    ]);
    if (json) context.print(situationJson(situation, { unapplied }));
    else context.print([report(situation, context), ...describeNotApplied(unapplied)].join('\n'));
    context.finish(judge(situation));
  });
}
