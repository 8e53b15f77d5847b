import type { Command } from 'commander';
import { adoptAsking } from '../pm2/command-line/ask.ts';
import type { CommandOptions } from '../pm2/launch/commands.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import { ecosystemAt, narrowed, refuseUnknown } from './backends.ts';
import type { Context } from './context.ts';
import { type CommonOptions, defineCommand, durationOption } from './define-command.ts';
import { look } from './looking/look.ts';
import { settle } from './looking/settle.ts';
import { tellOutcome } from './telling/outcome.ts';
import { waitingTeller } from './telling/waiting.ts';

interface BringUpOptions extends CommonOptions {
  readonly env?: string;
  readonly timeout: string;
  readonly adopt?: boolean;
  readonly yes?: boolean;
}

/** What start and restart hand to PM2's part, but for the apps that they concern. */
type Handed = Omit<CommandOptions, 'only'>;

export interface BringUp {
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  /**
   * Does it, to the backends of these names, or to all where there are none.
   * @returns who was started just now: restarts from before are nothing against them
   */
  act(ecosystem: Ecosystem, names: readonly string[], handed: Handed): Promise<readonly string[]>;
}

/** A command that does something to the backends, then waits until they are well and tells how they are. */
export function defineBringUp(program: Command, context: Context, { usage, summary, description, act }: BringUp): void {
  defineCommand(program, usage, summary, `${description}\nExit status: 0 all well, 1 degraded, 2 a backend is down.`)
    .option('--env <name>', 'lay env_NAME over env')
    .option('--timeout <duration>', 'how long to wait for them to be well', '50s')
    .option('--adopt', 'take over apps of these names that somebody else has started')
    .option('--yes', 'with --adopt: restart what does not run as it is declared, without asking')
    .action(async (names: string[], { json = false, config, env, timeout, adopt = false, yes = false }: BringUpOptions) => {
      const began = Date.now();
      const until = performance.now() + durationOption('--timeout', timeout);
      const ecosystem = await ecosystemAt(config);
      refuseUnknown(names, ecosystem.backends);
      const fresh = await act(ecosystem, names, {
        pm2Home: context.pm2Home,
        environment: context.environment,
        envName: env ?? null,
        adopt: adopt ? adoptAsking(yes) : null,
        print: (line) => context.tell(context.paint('dim', line)),
      });
      const watch = narrowed(ecosystem.watch, names);
      const situation = await settle(() => look(context, watch), {
        timeoutMs: until - performance.now(),
        giveUpEarly: true,
        fresh,
        seen: waitingTeller(context),
      });
      context.finish(await tellOutcome(context, situation, json, began));
    });
}
