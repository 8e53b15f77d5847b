import { sleep } from '../../../src/clock/clock.ts';
import { Chance } from '../chance.ts';
import { Machine, type Program, type SimProcess } from '../machine/machine.ts';
import { DaemonWire } from '../pm2/daemon-wire.ts';
import type { Entry } from '../pm2/entry.ts';
import { God } from '../pm2/god.ts';
import { NO_TROUBLE } from '../pm2/trouble.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { Behaviour, Rig } from './rig.ts';

/** Node needs so long until a script listens, and to end when it is told to. */
const LISTENS_AFTER_MS = 60;
const ENDS_AFTER_MS = 3;

/** The model, and its clock, which somebody has to wind. */
export function modelRig(seed: number): Rig & { readonly clock: VirtualClock } {
  const clock = new VirtualClock(1_000, Date.UTC(2026, 10, 24));
  const chance = new Chance(seed);
  const machine = new Machine(clock, 30_000);
  const behaviours = new Map<string, Behaviour>();
  const god = new God({
    clock,
    machine,
    chance,
    appOf: ({ env }) => env.name,
    programOf: (entry) => programOf(behaviours.get(entry.env.name) ?? {}, entry, { clock, machine }),
  });
  const after = (ms: number, run: () => void): (() => void) => clock.after(ms, run);
  const wire = new DaemonWire(god, {
    actor: 'operator',
    chance,
    trouble: () => NO_TROUBLE,
    after,
    arrive: (ms, run) => void after(ms, run),
    onCall: () => true,
    onAnswer: () => {},
    onBusTrouble: () => {},
  });
  return {
    clock,
    wire,
    start({ name, behaviour, declared }) {
      behaviours.set(name, behaviour);
      const paths = { out_file: `${name}.log`, error_file: `${name}.error.log` };
      const app = { name, script: 'app.js', cwd: '/', env: {}, autorestart: true, pmx: false, ...paths, ...declared };
      return new Promise((resolve) => god.prepare(app, 'operator', resolve));
    },
    isReady: (_app, pid) => clock.now() > (machine.at(pid)?.startedAt ?? 0) + 3 * LISTENS_AFTER_MS,
    kill(pid) {
      const process = machine.at(pid);
      if (process) machine.signal(process, 'SIGKILL');
    },
    now: () => clock.now(),
    sleep: (ms) => sleep(clock, ms),
  };
}

function programOf(behaviour: Behaviour, entry: Entry, { clock, machine }: { clock: VirtualClock; machine: Machine }): Program {
  const { endsAfterMs, drainMs = ENDS_AFTER_MS, listens = false } = behaviour;
  const endLater = (process: SimProcess, ms: number, code: number): void => {
    clock.after(ms, () => machine.end(process, { code, signal: null }));
  };
  return {
    begin(process) {
      if (endsAfterMs !== undefined) endLater(process, LISTENS_AFTER_MS + endsAfterMs, 3);
      if (listens) clock.after(2 * LISTENS_AFTER_MS, () => entry.onListening?.());
    },
    onSignal(process) {
      if (drainMs !== null) endLater(process, drainMs, 0);
    },
    onEnd() {},
  };
}
