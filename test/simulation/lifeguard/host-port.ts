import type { Ports } from '../../../src/lifeguard/ports.ts';
import { isOrphan } from '../machine/port-table.ts';
import type { World } from '../world/world.ts';
import type { Life } from './life.ts';

/** src/host/orphans.ts: SIGTERM, and SIGKILL after this. */
const ORPHAN_GRACE_MS = 3_000;

/** What lifeguard sees of the machine, and may do to it. */
export function hostPort(world: World, life: Life): Ports['host'] {
  const { machine, ports } = world.ground;
  const later = <T>(ms: number, look: () => T): Promise<T> => new Promise((resolve) => life.arrive(ms, () => resolve(look())));
  return {
    holderOf(port, backend, ownPids) {
      return later(world.lookUpMs(), () => ports.holderOf(port, backend, ownPids, machine));
    },
    async endOrphan({ pid }, backend) {
      if (!life.touch()) return;
      const process = pid === null ? undefined : machine.at(pid);
      world.tell({ type: 'end-orphan', backend, hit: process ?? null });
      if (!process || process.app !== backend || !isOrphan(process)) return;
      for (const member of machine.treeOf(process)) machine.signal(member, 'SIGTERM');
      const end = world.clock.now() + ORPHAN_GRACE_MS;
      while (process.alive && world.clock.now() < end) await later(50, () => undefined);
      if (process.alive && isOrphan(process)) for (const member of machine.treeOf(process)) machine.signal(member, 'SIGKILL');
    },
    async endLeftBehind(backend) {
      await later(world.lookUpMs(), () => undefined);
      if (!life.touch()) return false;
      const running = machine.all().filter(({ app, belongsToPm2 }) => app === backend && belongsToPm2);
      const oldest = Math.min(...running.map(({ startedAt }) => startedAt));
      const left = machine.all().filter((each) => each.app === backend && isOrphan(each) && each.startedAt < oldest);
      for (const process of left) machine.signal(process, 'SIGKILL');
      return left.length > 0;
    },
    portWorkersOf: async (asked) => asked.map(() => []),
    lookAtWorkers: async () => [],
    async endGracefully(pid) {
      const process = machine.at(pid);
      if (life.touch() && process) machine.signal(process, 'SIGTERM');
    },
    wake: async () => undefined,
    endWorker: async () => undefined,
    async killTree(pid) {
      if (!life.touch()) return 0;
      const process = machine.at(pid);
      world.tell({ type: 'kill-tree', backend: process?.app ?? null, pmId: process ? world.pm2IdOf(process) : null, pid });
      const tree = process ? machine.treeOf(process) : [];
      for (const member of tree) machine.signal(member, 'SIGKILL');
      return later(5, () => tree.length);
    },
    cpuOf: (trees) => later(5, () => trees.map(() => null)),
    memoryOf(trees) {
      return later(5, () => trees.map(({ pids }) => pids.reduce((sum, pid) => sum + world.memoryOf(pid), 0)));
    },
    exitInfo({ name, pmId }) {
      return later(world.lookUpMs(), () => world.exitInfo(name, pmId));
    },
  };
}
