import type { Command } from 'commander';
import { ecosystemAt, narrowed, refuseUnknown } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { look } from '../look.ts';
import { tellOutcome } from '../outcome.ts';
import { settle } from '../settle.ts';

interface StartOptions extends CommonOptions {
  readonly env?: string;
  readonly timeout: string;
}

/** Starts what is declared, or brings it into line, and waits until it is well. */
export function addStart(program: Command, context: Context): void {
  defineCommand(
    program,
    'start [backends...]',
    'start everything, or apply what changed',
    'Starts the backends, lifeguard and what they need, and waits until they are well. What runs already and has not changed is left alone.\nExit status: 0 all well, 1 degraded, 2 a backend is down.',
  )
    .option('--env <name>', 'lay env_NAME over env')
    .option('--timeout <duration>', 'how long to wait for them to be well', '50s')
    .action(async (names: string[], { json = false, config, env, timeout }: StartOptions) => {
      const began = Date.now();
      const until = performance.now() + durationOption('--timeout', timeout);
      const ecosystem = await ecosystemAt(config);
      refuseUnknown(names, ecosystem.backends);
      // lifeguard and the database come with any of them.
      const companions = ecosystem.watch.companions.map(({ name }) => name);
      const { startEcosystem } = await import('../../pm2/commands.ts');
      const steps = await startEcosystem(ecosystem, {
        pm2Home: context.pm2Home,
        environment: context.environment,
        only: names.length > 0 ? [...names, ...companions] : null,
        envName: env ?? null,
        print: (line) => context.tell(context.paint('dim', line)),
      });
      const watch = narrowed(ecosystem.watch, names);
      const situation = await settle(() => look(context.pm2Home, watch), {
        timeoutMs: until - performance.now(),
        giveUpEarly: true,
        fresh: steps.filter((step) => step.do !== 'keep').map(({ app }) => app),
      });
      context.finish(await tellOutcome(context, situation, json, began));
    });
}
