import { Chance } from '../chance.ts';
import { DaemonWire } from '../pm2/daemon-wire.ts';
import { duplicateProcessId } from '../pm2/methods.ts';
import { NO_TROUBLE } from '../pm2/trouble.ts';
import type { OperatorAct } from './event.ts';
import type { World } from './world.ts';

const METHODS = {
  stop: 'stopProcessId',
  start: 'restartProcessId',
  restart: 'restartProcessId',
  reload: 'reloadProcessId',
  delete: 'deleteProcessId',
} as const;

/** What PM2's own command line says on the bus when it has done something. */
const ANNOUNCED = { stop: 'stop', start: 'restart', restart: 'restart', reload: 'reload', delete: 'delete' } as const;

/** `pm2 stop api` and the like: one process after the other, each announced when it is done. Resolves when all are. */
export async function pm2ByHand(
  world: World,
  act: keyof typeof METHODS,
  name: string,
  only: number | null = null,
): Promise<void> {
  const { god } = world;
  if (!god) return;
  const wire = wireOf(world);
  world.tell({ type: 'operator', backend: name, what: act, pmId: only, isDone: false });
  const ids = world.entriesOf(name).flatMap(({ env }) => (typeof env.pm_id === 'number' ? [env.pm_id] : []));
  for (const id of only === null ? ids : [only]) {
    try {
      await wire.call(METHODS[act], act === 'stop' || act === 'delete' ? id : { id }, 600_000);
      await wire.call('notifyByProcessId', { id, action_name: ANNOUNCED[act] }, 600_000);
    } catch {
      // It is told so, and may try again.
    }
  }
  world.tell({ type: 'operator', backend: name, what: act, pmId: only, isDone: true });
}

/** `pm2 scale api +1`. */
export function scaleUpByHand(world: World, name: string): void {
  const { god } = world;
  const id = world.entriesOf(name)[0]?.env.pm_id;
  if (!god || typeof id !== 'number') return;
  world.tell({ type: 'operator', backend: name, what: 'scale-up', pmId: null, isDone: false });
  duplicateProcessId(god, id, 'operator', () =>
    world.tell({ type: 'operator', backend: name, what: 'scale-up', pmId: null, isDone: true }),
  );
}

/** `pm2 trigger lifeguard …`. false: there is no answer, as lifeguard is not there, or not any more. */
export function commandByHand(
  world: World,
  name: string,
  command: Parameters<NonNullable<World['life']>['supervisor']['command']>[1],
): boolean {
  const { life } = world;
  if (!life || life.watchesSince === null || life.loop.isBlocked) return false;
  const what: OperatorAct = `lifeguard ${command.name}`;
  const forMs = command.name === 'pause' ? { forMs: command.forMs } : {};
  world.tell({ type: 'operator', backend: name, what, pmId: null, isDone: false, ...forMs });
  life.supervisor.command(name, command);
  const unanswered = life.isAlive ? {} : { unanswered: true as const };
  world.tell({ type: 'operator', backend: name, what, pmId: null, isDone: true, ...forMs, ...unanswered });
  return life.isAlive;
}

function wireOf(world: World): DaemonWire {
  const { god } = world;
  if (!god) throw new Error('there is no daemon');
  return new DaemonWire(god, {
    actor: 'operator',
    chance: new Chance(Math.round(world.clock.now()), 4),
    trouble: () => NO_TROUBLE,
    after: (ms, run) => world.clock.after(ms, run),
    arrive: (ms, run) => void world.clock.after(ms, run),
    onCall: () => true,
    onAnswer: () => {},
    onBusTrouble: () => {},
  });
}
