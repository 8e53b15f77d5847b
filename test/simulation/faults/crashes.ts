import type { BootTrouble } from '../backend/ailment.ts';
import type { Backend } from '../backend/backend.ts';
import type { Chance } from '../chance.ts';
import type { SimProcess } from '../machine/machine.ts';
import type { World } from '../world/world.ts';
import { type FaultSort, MINUTE, seconds } from './fault.ts';

/** Processes that end, or that do not come up. */
export const CRASHES = {
  crash: { weight: 8, scope: 'backend', run: (world, backend, chance) => end(world, pick(backend, chance), chance) },
  'crash-of-all-instances': {
    weight: 2,
    scope: 'backend',
    run(world, backend, chance) {
      const all = roots(backend);
      for (const process of all) end(world, process, chance);
      return all.length === 0 ? null : `${all.length} processes crash at once`;
    },
  },
  'crash-loop': {
    weight: 6,
    scope: 'backend',
    run(world, backend, chance) {
      const forMs = chance.spread(2_000, 40 * MINUTE);
      const endsAfterMs = chance.spread(20, 20_000);
      trouble(world, backend, forMs, { endsAfterMs, lastError: chance.is(0.5) ? 'Error: no such table: posts' : null });
      end(world, pick(backend, chance), chance);
      return `each process ends ${seconds(endsAfterMs)} after its start, for ${seconds(forMs)}`;
    },
  },
  'slow-boots': {
    weight: 2,
    scope: 'backend',
    run(world, backend, chance) {
      const slowerByMs = backend.plan.rules.startupTimeoutMs * chance.between(0.1, 1.5);
      trouble(world, backend, chance.spread(MINUTE, 15 * MINUTE), { slowerByMs });
      end(world, pick(backend, chance), chance);
      return `a crash, and starts that take ${seconds(slowerByMs)} longer`;
    },
  },
  'lost-parent': {
    weight: 4,
    scope: 'backend',
    run(world, backend) {
      const parent = backend.plan.shape === 'tree' ? backend.newest() : null;
      if (!parent || parent.children.length === 0) return null;
      world.ground.machine.end(parent, { code: 0, signal: 'SIGKILL' });
      return `pid ${parent.pid} is killed, and what it started lives on`;
    },
  },
  'parents-die': {
    weight: 2,
    scope: 'backend',
    run(world, backend, chance) {
      if (backend.plan.shape !== 'tree') return null;
      const parentEndsAfterMs = backend.plan.bootMs * 1.5 + chance.spread(50, 10_000);
      trouble(world, backend, chance.spread(MINUTE, 20 * MINUTE), { parentEndsAfterMs });
      const parent = backend.newest();
      if (parent) world.ground.machine.end(parent, { code: 1, signal: null });
      return `each parent dies ${seconds(parentEndsAfterMs)} after its start, its child keeps the port`;
    },
  },
  'slow-end': {
    weight: 2,
    scope: 'backend',
    run(world, backend, chance) {
      const { killTimeoutMs } = backend.plan.rules;
      backend.slowEndMs = killTimeoutMs * chance.between(0.3, 1.5);
      world.clock.after(chance.spread(MINUTE, 20 * MINUTE), () => {
        backend.slowEndMs = 0;
      });
      return `from a signal to its end it takes ${seconds(backend.slowEndMs)} more (kill_timeout ${seconds(killTimeoutMs)})`;
    },
  },
  'stranger-on-port': {
    weight: 3,
    scope: 'backend',
    run(world, backend, chance) {
      const forMs = chance.spread(2_000, 10 * MINUTE);
      const { ports } = world.ground;
      const { port } = backend.plan;
      for (const process of roots(backend)) endTree(world, process, { code: 1, signal: null });
      const stranger = { pid: 99_999, command: 'nc -l', status: chance.pick([null, 404, 200, 500]), since: world.clock.now() };
      if (!ports.take(port, stranger)) return null;
      world.clock.after(forMs, () => ports.leave(port));
      return `it crashes, and a stranger takes its port for ${seconds(forMs)} (answers ${stranger.status ?? 'nothing'})`;
    },
  },
} satisfies Record<string, FaultSort>;

function trouble(world: World, backend: Backend, forMs: number, what: Partial<BootTrouble>): void {
  const now: BootTrouble = { endsAfterMs: null, slowerByMs: 0, parentEndsAfterMs: null, lastError: null, ...what };
  backend.bootTrouble = now;
  world.clock.after(forMs, () => {
    if (backend.bootTrouble === now) backend.bootTrouble = null;
  });
}

function end(world: World, process: SimProcess | null, chance: Chance): string | null {
  if (!process) return null;
  const byKill = chance.is(0.4);
  endTree(world, process, byKill ? { code: 0, signal: 'SIGKILL' } : { code: chance.pick([0, 1, 1, 137]), signal: null });
  return `pid ${process.pid} ${byKill ? 'is killed' : 'ends by itself'}`;
}

function endTree(world: World, process: SimProcess, how: Parameters<World['ground']['machine']['end']>[1]): void {
  for (const member of world.ground.machine.treeOf(process).reverse()) world.ground.machine.end(member, how);
}

/** The processes that PM2 knows. */
function roots(backend: Backend): SimProcess[] {
  return [...backend.running.keys()].filter(({ parent, belongsToPm2 }) => parent === null && belongsToPm2);
}

function pick(backend: Backend, chance: Chance): SimProcess | null {
  const all = roots(backend);
  return all.length === 0 ? null : chance.pick(all);
}
