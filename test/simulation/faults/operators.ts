import type { Chance } from '../chance.ts';
import { commandByHand, pm2ByHand, scaleUpByHand } from '../world/operator.ts';
import type { World } from '../world/world.ts';
import { type FaultSort, MINUTE, seconds } from './fault.ts';

/** What people do, with PM2 and with lifeguard. */
export const OPERATORS = {
  'pm2-stop': {
    weight: 4,
    scope: 'backend',
    run(world, { plan: { name } }, chance) {
      const forMs = chance.spread(500, 20 * MINUTE);
      void pm2ByHand(world, 'stop', name).then(() => world.clock.after(forMs, () => void pm2ByHand(world, 'start', name)));
      return `pm2 stop, and started again after ${seconds(forMs)}`;
    },
  },
  'pm2-stop-one': {
    weight: 4,
    scope: 'backend',
    run(world, { plan: { name } }, chance) {
      const id = anId(world, name, chance);
      if (id === null) return null;
      const forMs = chance.spread(500, 20 * MINUTE);
      void pm2ByHand(world, 'stop', name, id).then(() =>
        world.clock.after(forMs, () => void pm2ByHand(world, 'start', name, id)),
      );
      return `pm2 stop ${id}, and started again after ${seconds(forMs)}`;
    },
  },
  'pm2-restart': {
    weight: 3,
    scope: 'backend',
    run(world, { plan: { name } }) {
      void pm2ByHand(world, 'restart', name);
      return 'pm2 restart';
    },
  },
  'pm2-restart-twice': {
    weight: 1,
    scope: 'backend',
    run(world, { plan: { name } }, chance) {
      void pm2ByHand(world, 'restart', name);
      world.clock.after(chance.spread(1, 5_000), () => void pm2ByHand(world, 'restart', name));
      return 'pm2 restart, by two people at once';
    },
  },
  'pm2-reload': {
    weight: 2,
    scope: 'backend',
    run(world, { plan: { name } }) {
      void pm2ByHand(world, 'reload', name);
      return 'pm2 reload';
    },
  },
  'pm2-delete': {
    weight: 2,
    scope: 'backend',
    run(world, { plan: { name } }, chance) {
      const forMs = chance.spread(500, 10 * MINUTE);
      void pm2ByHand(world, 'delete', name).then(() => world.clock.after(forMs, () => world.startAgain(name)));
      return `pm2 delete, and started anew after ${seconds(forMs)}`;
    },
  },
  'scale-down': {
    weight: 2,
    scope: 'backend',
    run(world, { plan: { name, shape } }, chance) {
      const id = shape === 'cluster' ? anId(world, name, chance) : null;
      if (id === null || world.entriesOf(name).length < 2) return null;
      void pm2ByHand(world, 'delete', name, id);
      const forMs = chance.spread(2_000, 20 * MINUTE);
      world.clock.after(forMs, () => scaleUpByHand(world, name));
      return `scaled down by ${id}, and up again after ${seconds(forMs)}`;
    },
  },
  pause: {
    weight: 3,
    scope: 'backend',
    run(world, { plan: { name } }, chance) {
      const forMs = chance.is(0.1) ? 30 * 86_400_000 : chance.spread(1_000, 20 * MINUTE);
      if (!commandByHand(world, name, { name: 'pause', forMs })) return null;
      const resumedAfterMs = chance.spread(1_000, 25 * MINUTE);
      world.clock.after(resumedAfterMs, () => resume(world, name));
      return `pause for ${seconds(forMs)}, resume after ${seconds(resumedAfterMs)}`;
    },
  },
  'lifeguard-restart': {
    weight: 2,
    scope: 'backend',
    run: (world, { plan: { name } }) => (commandByHand(world, name, { name: 'restart' }) ? 'lifeguard restart' : null),
  },
  reset: {
    weight: 1,
    scope: 'backend',
    run: (world, { plan: { name } }) => (commandByHand(world, name, { name: 'reset' }) ? 'lifeguard reset' : null),
  },
} satisfies Record<string, FaultSort>;

/** As soon as lifeguard is there to be told. */
function resume(world: World, name: string): void {
  if (!commandByHand(world, name, { name: 'resume' })) world.clock.after(5_000, () => resume(world, name));
}

function anId(world: World, name: string, chance: Chance): number | null {
  const ids = world.entriesOf(name).flatMap(({ env }) => (typeof env.pm_id === 'number' ? [env.pm_id] : []));
  return ids.length === 0 ? null : chance.pick(ids);
}
