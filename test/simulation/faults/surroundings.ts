import type { Chance } from '../chance.ts';
import type { Trouble } from '../pm2/trouble.ts';
import type { World } from '../world/world.ts';
import { inWords, status } from './answers.ts';
import { type FaultSort, MINUTE, seconds } from './fault.ts';

/** What goes wrong around the backends: what they share, the machine, PM2, and lifeguard itself. */
export const SURROUNDINGS = {
  'dependency-down': {
    weight: 5,
    scope: 'world',
    run(world, _backend, chance) {
      if (world.dependencies.length === 0) return null;
      const forMs = chance.spread(500, 30 * MINUTE);
      const isSilent = chance.is(0.4);
      const dependency = chance.pick(world.dependencies);
      dependency.goDown(forMs, isSilent);
      return `${dependency.name} ${isSilent ? 'does not answer' : 'refuses'} for ${seconds(forMs)}`;
    },
  },
  'shared-outage': {
    weight: 5,
    scope: 'world',
    run(world, _backend, chance) {
      const forMs = chance.spread(5_000, 10 * MINUTE);
      const share = chance.is(0.7) ? 1 : chance.between(0.3, 1);
      const isCured = chance.is(0.5);
      const ailment = chance.pick([{ kind: 'hang' } as const, status(500, 'both'), status(503, 'both')]);
      const affected = world.backends.filter(() => chance.is(share));
      for (const backend of affected)
        if (isCured) for (const { process } of backend.listening()) backend.fallIll(process, { ailment, until: null });
        else backend.fallIllForGood({ ailment, until: world.clock.now() + forMs });
      const howLong = isCured ? 'until they are restarted' : `for ${seconds(forMs)}`;
      return `${affected.length} of ${world.backends.length} at once: ${inWords(ailment)}, ${howLong}`;
    },
  },
  'lifeguard-killed': {
    weight: 7,
    scope: 'world',
    run(world, _backend, chance) {
      const { life } = world;
      if (!life) return null;
      const awayMs = chance.is(0.6) ? 100 : chance.spread(200, 5 * MINUTE);
      if (chance.is(0.5)) {
        world.endLifeguard('killed', awayMs);
        return `lifeguard is killed, and away for ${seconds(awayMs)}`;
      }
      life.touchesLeft = chance.whole(1, 12);
      return `lifeguard is to be killed at the ${life.touchesLeft}th thing that it does from now on`;
    },
  },
  'lifeguard-restarted': {
    weight: 2,
    scope: 'world',
    run(world) {
      const { life } = world;
      if (!life || life.watchesSince === null) return null;
      life.supervisor.stop();
      world.endLifeguard('stopped in good order');
      return 'pm2 restart lifeguard';
    },
  },
  'lifeguard-frozen': {
    weight: 4,
    scope: 'world',
    run(world, _backend, chance) {
      const forMs = chance.spread(150, 30_000);
      world.life?.loop.block(forMs);
      return `lifeguard stands still for ${seconds(forMs)}`;
    },
  },
  'machine-asleep': {
    weight: 2,
    scope: 'world',
    run(world, _backend, chance) {
      const forMs = chance.spread(500, 3 * 60 * MINUTE);
      if (chance.is(0.5)) {
        world.stepWall(forMs);
        return `the machine sleeps for ${seconds(forMs)}; its monotonic clock does, too`;
      }
      world.leap(Math.min(forMs, 10 * MINUTE));
      return `nothing runs for ${seconds(Math.min(forMs, 10 * MINUTE))}`;
    },
  },
  'wall-clock-set': {
    weight: 2,
    scope: 'world',
    run(world, _backend, chance) {
      const byMs = chance.spread(100, 3 * 60 * MINUTE) * (chance.is(0.5) ? 1 : -1);
      world.stepWall(byMs);
      return `the wall clock is set by ${seconds(byMs)}`;
    },
  },
  'pm2-slow': troubleFor(4, (chance) => {
    const listMs = chance.spread(50, 2_000);
    return { listMs, listBlocksMs: Math.min(80, listMs / 5), slowCallMs: chance.is(0.3) ? chance.spread(1, 40) : 0 };
  }),
  'bus-bad': troubleFor(5, (chance) => ({
    lost: chance.is(0.6) ? chance.spread(0.05, 1) : 0,
    doubled: chance.is(0.5) ? chance.spread(0.05, 1) : 0,
    delayed: chance.is(0.5) ? chance.spread(0.05, 1) : 0,
    delayMs: chance.spread(50, 8_000),
  })),
  'calls-bad': troubleFor(4, (chance) => ({
    refused: chance.is(0.6) ? chance.spread(0.05, 1) : 0,
    unanswered: chance.is(0.5) ? chance.spread(0.05, 1) : 0,
    swallowed: chance.is(0.4) ? chance.spread(0.05, 1) : 0,
  })),
  'pm2-frozen': {
    weight: 2,
    scope: 'world',
    run(world, _backend, chance) {
      const forMs = chance.spread(100, 20_000);
      world.god?.loop.block(forMs);
      return `PM2's daemon stands still for ${seconds(forMs)}`;
    },
  },
  'pm2-killed': {
    weight: 2,
    scope: 'world',
    run(world, _backend, chance) {
      const withApps = chance.is(0.6);
      const awayMs = chance.spread(500, 60_000);
      world.killDaemon(withApps);
      world.clock.after(awayMs, () => world.startDaemon());
      return `PM2's daemon is killed, ${withApps ? 'its apps with it' : 'its apps live on'}; back after ${seconds(awayMs)}`;
    },
  },
  'slow-look-ups': {
    weight: 3,
    scope: 'world',
    run(world, _backend, chance) {
      world.lookUpAtMostMs = chance.spread(40, 400);
      world.clock.after(chance.spread(MINUTE, 30 * MINUTE), () => {
        world.lookUpAtMostMs = 40;
      });
      return `looking up why a process ended takes up to ${seconds(world.lookUpAtMostMs)}`;
    },
  },
} satisfies Record<string, FaultSort>;

/** PM2 is hard to speak with for a while. */
function troubleFor(weight: number, draw: (chance: Chance) => Partial<Trouble>): FaultSort {
  return {
    weight,
    scope: 'world',
    run(world, _backend, chance) {
      const what = draw(chance);
      const forMs = chance.spread(5_000, 10 * MINUTE);
      const words = Object.entries(what).flatMap(([key, value]) =>
        value === 0 ? [] : [`${key} ${Number(value.toPrecision(2))}`],
      );
      if (words.length === 0) return null;
      endLater(world, forMs, what);
      return `PM2 for ${seconds(forMs)}: ${words.join(', ')}`;
    },
  };
}

function endLater(world: World, forMs: number, what: Partial<Trouble>): void {
  const now = { ...world.plan.trouble, ...what };
  world.trouble = now;
  world.clock.after(forMs, () => {
    if (world.trouble === now) world.trouble = world.plan.trouble;
  });
}
