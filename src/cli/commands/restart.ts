import type { Command } from 'commander';
import { ecosystemAt, narrowed, refuseUnknown } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { look } from '../look.ts';
import { tellOutcome } from '../outcome.ts';
import { settle } from '../settle.ts';

interface RestartOptions extends CommonOptions {
  readonly env?: string;
  readonly timeout: string;
}

/** Restarts the backends gracefully; the database and lifeguard run on. */
export function addRestart(program: Command, context: Context): void {
  defineCommand(
    program,
    'restart [backends...]',
    'restart the backends gracefully',
    'Applies what changed and restarts the backends gracefully: requests in flight are answered, the workers of a cluster go one by one. The database and lifeguard run on.\nExit status: 0 all well, 1 degraded, 2 a backend is down.',
  )
    .option('--env <name>', 'lay env_NAME over env')
    .option('--timeout <duration>', 'how long to wait for them to be well', '50s')
    .action(async (names: string[], { json = false, config, env, timeout }: RestartOptions) => {
      const began = Date.now();
      const until = performance.now() + durationOption('--timeout', timeout);
      const ecosystem = await ecosystemAt(config);
      refuseUnknown(names, ecosystem.backends);
      const { restartEcosystem } = await import('../../pm2/commands.ts');
      await restartEcosystem(ecosystem, 'reload', {
        pm2Home: context.pm2Home,
        environment: context.environment,
        only: names.length > 0 ? names : null,
        envName: env ?? null,
        print: (line) => context.tell(context.paint('dim', line)),
      });
      const watch = narrowed(ecosystem.watch, names);
      const situation = await settle(() => look(context.pm2Home, watch), {
        timeoutMs: until - performance.now(),
        giveUpEarly: true,
        fresh: names.length > 0 ? names : ecosystem.backends,
      });
      context.finish(await tellOutcome(context, situation, json, began));
    });
}
