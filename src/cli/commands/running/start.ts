import type { Command } from 'commander';
import { defineBringUp } from '../../bring-up.ts';
import type { Context } from '../../context.ts';

/** Starts what is declared, or brings it into line, and waits until it is well. */
export function addStart(program: Command, context: Context): void {
  defineBringUp(program, context, {
    usage: 'start [backends...]',
    summary: 'start everything, or apply what changed',
    description:
      'Starts the backends, lifeguard and what they need, and waits until they are well. What runs already and has not changed is left alone.',
    async act(ecosystem, names, handed) {
      // lifeguard and the database come with any of them.
      const companions = ecosystem.watch.companions.map(({ name }) => name);
      const { startEcosystem } = await import('../../../pm2/launch/commands.ts');
      const steps = await startEcosystem(ecosystem, { ...handed, only: names.length > 0 ? [...names, ...companions] : null });
      return steps.filter((step) => step.do !== 'keep').map(({ app }) => app);
    },
  });
}
