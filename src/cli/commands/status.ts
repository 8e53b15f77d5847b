import type { Command } from 'commander';
import { narrowed, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { look } from '../look.ts';
import { situationJson } from '../outcome.ts';
import { report } from '../report.ts';
import { judge } from '../situation.ts';

/** How every backend is, in one look. */
export function addStatus(program: Command, context: Context): void {
  defineCommand(
    program,
    'status [backends...]',
    'how every backend is',
    'Shows how every backend is: by lifeguard, and by PM2 alone while that does not answer.\nExit status: 0 all well, 1 something is degraded or nobody watches, 2 a backend is down.',
  ).action(async (names: string[], { json = false, config }: CommonOptions) => {
    const situation = await look(context, narrowed(await watchedHere(context, config), names));
    context.print(json ? situationJson(situation) : report(situation, context.paint));
    context.finish(judge(situation));
  });
}
