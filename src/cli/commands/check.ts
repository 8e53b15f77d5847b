import type { Command } from 'commander';
import { narrowed, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { tellLifeguard } from '../looking/ask-lifeguard.ts';
import { look } from '../looking/look.ts';
import { judge } from '../looking/situation.ts';
import { situationJson } from '../telling/outcome.ts';
import { report } from '../telling/report.ts';

/** Has lifeguard check now, and shows what came of it. */
export function addCheck(program: Command, context: Context): void {
  defineCommand(
    program,
    'check [backends...]',
    'check their health now',
    'Has lifeguard check the backends that are named, or all, at once instead of at their next turn, and shows how they are. What is seen counts as any check does.\nExit status: 0 all well, 1 something is degraded, 2 a backend is down.',
  ).action(async (names: string[], { json = false, config }: CommonOptions) => {
    const watch = narrowed(await watchedHere(context, config), names);
    await Promise.all(watch.backends.map(({ name }) => tellLifeguard(context.pm2Home, watch.name, 'check', name)));
    const situation = await look(context, watch);
    context.print(json ? situationJson(situation) : report(situation, context));
    context.finish(judge(situation));
  });
}
