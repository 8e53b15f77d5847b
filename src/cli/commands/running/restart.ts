import type { Command } from 'commander';
import { defineBringUp } from '../../bring-up.ts';
import type { Context } from '../../context.ts';

/** Restarts the backends gracefully; the database and lifeguard run on. */
export function addRestart(program: Command, context: Context): void {
  defineBringUp(program, context, {
    usage: 'restart [backends...]',
    summary: 'restart the backends gracefully',
    description:
      'Applies what changed and restarts the backends gracefully: requests in flight are answered, the workers of a cluster go one by one. The database and lifeguard run on.',
    async act(ecosystem, names, handed) {
      const { restartEcosystem } = await import('../../../pm2/launch/commands.ts');
      await restartEcosystem(ecosystem, 'reload', { ...handed, only: names.length > 0 ? names : null });
      return names.length > 0 ? names : ecosystem.backends;
    },
  });
}
