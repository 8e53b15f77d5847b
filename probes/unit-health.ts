import { join } from 'node:path';
import { systemClock } from '../src/clock/clock.ts';
import type { WatchConfig } from '../src/config/resolved.ts';
import { LifeguardError } from '../src/errors/lifeguard-error.ts';
import { openDependency } from '../src/health/dependencies/open-dependency.ts';
import { openRound } from '../src/health/round.ts';
import { thisHost } from '../src/host/this-host.ts';
import { appendIncident, type IncidentRecord } from '../src/incidents/journal.ts';
import type { Ports } from '../src/lifeguard/ports.ts';
import { fileStore } from '../src/lifeguard/store.ts';
import { createSupervisor } from '../src/lifeguard/supervise.ts';
import { messageOf } from '../src/pm2/command-line/failure.ts';
import { loadEcosystem } from '../src/pm2/command-line/load.ts';
import { type UnitClient, unitClient } from '../src/systemd/unit-client.ts';
import { hostPort } from './host-port.ts';

/** To journald, which has the time of each line. */
const log = (text: string): void => console.log(text);

/**
 * Watches one backend that systemd runs, by the same decisions as under PM2, until it is told to end.
 * @param env of a unit with RuntimeDirectory= (where it asks for what is to be done) and StateDirectory=
 */
export async function watchUnit(file: string, name: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const folders = { asks: env.RUNTIME_DIRECTORY ?? '', state: env.STATE_DIRECTORY ?? '' };
    const config = await configOf(file, name, folders.state);
    const units = unitClient(name, folders.asks, systemClock);
    const supervisor = createSupervisor(config, portsOf(config, units, folders.state, env), () => undefined);
    const end = () => {
      supervisor.stop();
      process.exit(0);
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    await supervisor.start();
    log(`watching ${name}`);
  } catch (error) {
    log(messageOf(error));
    process.exit(1);
  }
}

async function configOf(file: string, name: string, state: string): Promise<WatchConfig> {
  const watch = (await loadEcosystem(file))?.watch;
  const backends = watch?.backends.filter((backend) => backend.name === name) ?? [];
  if (watch === undefined || backends.length === 0) throw new LifeguardError('usage', `${file} has no backend ${name}`);
  return { ...watch, backends, companions: [], alerts: [], journal: join(state, 'incidents.jsonl') };
}

function portsOf(config: WatchConfig, units: UnitClient, state: string, env: NodeJS.ProcessEnv): Ports {
  const host = thisHost(env);
  const [backend] = config.backends;
  const round = openRound(backend?.targets ?? { liveness: null, readiness: null }, { host, beatPath: '' });
  const dependencies = new Map(backend?.dependencies.map(({ check }) => [check, openDependency(check)]));
  return {
    clock: systemClock,
    pm2: units,
    health: {
      check: (_, deadlineMs, incarnation) => round.ask(deadlineMs, incarnation),
      dependency: async (check, deadlineMs) =>
        (await dependencies.get(check)?.check(deadlineMs)) ?? { up: true, detail: 'not known' },
    },
    host: {
      ...hostPort(host, { pm2Home: state, config, log }),
      // systemd ends what a unit leaves behind, and says how it ended.
      endLeftBehind: async () => false,
      exitInfo: async () => units.exit() ?? { code: null, signal: null, oom: false, lastError: null },
    },
    gates: NO_GATES,
    evidence: { before: async () => undefined },
    journal: {
      write(name, entry) {
        const record: IncidentRecord = { time: new Date().toISOString(), backend: name, ...entry };
        const appended = appendIncident(config.journal, record);
        if (!appended.ok) log(`${config.journal}: ${appended.why}`);
      },
    },
    store: fileStore(join(state, 'state.json'), log, Date.now),
    record: null,
    seed: Math.floor(Math.random() * 2 ** 32),
    log,
  };
}

/** systemd starts what it starts: nothing waits at a gate. */
const NO_GATES: Ports['gates'] = {
  isOpen: () => true,
  open: () => undefined,
  close: () => undefined,
  record: () => 'never',
  isAsked: () => false,
  before: () => {
    throw new Error('no command is run before a start here');
  },
  endEarlier: async () => undefined,
  tellLog: () => undefined,
  isLaunching: () => false,
};
