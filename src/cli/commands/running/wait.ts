import type { Command } from 'commander';
import { narrowed, watchedHere } from '../../backends.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../../define-command.ts';
import { look } from '../../looking/look.ts';
import { settle } from '../../looking/settle.ts';
import { judge } from '../../looking/situation.ts';
import { situationJson } from '../../telling/outcome.ts';
import { report } from '../../telling/report.ts';
import { waitingTeller } from '../../telling/waiting.ts';

/** For scripts: returns when the backends are well. */
export function addWait(program: Command, context: Context): void {
  defineCommand(
    program,
    'wait [backends...]',
    'wait until the backends are well',
    'Waits until the backends are well; for scripts and deployments. What it waits for it says on stderr, each time that this changes.\nExit status: 0 all well, 1 or 2 when the time is over and they are degraded or down.',
  )
    .option('--timeout <duration>', 'how long to wait', '60s')
    .action(async (names: string[], { json = false, config, timeout }: CommonOptions & { timeout: string }) => {
      const timeoutMs = durationOption('--timeout', timeout);
      const watch = narrowed(await watchedHere(context, config), names);
      const situation = await settle(() => look(context, watch), { timeoutMs, giveUpEarly: false, seen: waitingTeller(context) });
      context.print(json ? situationJson(situation) : report(situation, context));
      context.finish(judge(situation));
    });
}
