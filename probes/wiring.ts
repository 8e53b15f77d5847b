import { appendFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/clock/clock.ts';
import type { WatchConfig } from '../src/config/resolved.ts';
import { drillNoteFile } from '../src/drill/note.ts';
import { type DrillUnderWay, drillUnderWay } from '../src/drill/under-way.ts';
import { type DependencyCheck, openDependency } from '../src/health/dependencies/open-dependency.ts';
import { beatSocket } from '../src/health/heartbeat/beat-socket.ts';
import { openRound } from '../src/health/round.ts';
import type { Host } from '../src/host/host.ts';
import { thisHost } from '../src/host/this-host.ts';
import { appendIncident, type IncidentRecord } from '../src/incidents/journal.ts';
import { readIncidents } from '../src/incidents/read-incidents.ts';
import type { Ports } from '../src/lifeguard/ports.ts';
import { fileStore } from '../src/lifeguard/store.ts';
import type { Supervisor } from '../src/lifeguard/supervise.ts';
import { connectPm2 } from '../src/pm2/daemon/client.ts';
import { folderOf, lifeguardFolder, pm2HomeOf } from '../src/pm2/home.ts';
import { ownConfig } from '../src/pm2/launch/config-file.ts';
import { ownApps, ownersIn } from '../src/pm2/ownership/own-apps.ts';
import type { Extras } from './actions.ts';
import type { Alerts } from './alerting.ts';
import { acknowledge, alertsOf } from './alerts-port.ts';
import { dashboardOf } from './dashboard-port.ts';
import { withEvidence } from './evidence-port.ts';
import { gatesPort } from './gates-port.ts';
import { hostPort } from './host-port.ts';
import { startLogRotation } from './log-rotation.ts';

/** Lifeguard's own log, PM2's `lifeguard.log`: a time and a sentence. */
export function log(text: string): void {
  console.log(`${new Date().toISOString()} ${text}`);
}

export interface Wiring {
  readonly config: WatchConfig;
  readonly ports: Ports;
  readonly extras: Extras;
  /** To be called when it watches. */
  watching(supervisor: Supervisor): void;
  close(): void;
}

/**
 * Makes the real ports from what the launcher left in PM2_HOME/lifeguard/NAME.
 * @throws LifeguardError `no-configuration`, Pm2Error when no daemon answers
 */
export async function wire(env: NodeJS.ProcessEnv): Promise<Wiring> {
  const pm2Home = pm2HomeOf(env);
  const host = thisHost(env);
  const config = ownConfig(pm2Home, env);
  const folder = folderOf(pm2Home, config.name);
  const ownerOf = ownersIn(pm2Home);
  const pm2 = await connectPm2(pm2Home);
  const journalFile = config.journal;
  const drill = drillUnderWay(drillNoteFile(pm2Home, config.name), host);
  const health = healthPort(host, config, pm2Home, drill);
  let supervisor: Supervisor | null = null;
  const observed = withEvidence(
    { health, host: hostPort(host, { pm2Home, config, log }) },
    {
      ...{ config, host, clock: systemClock, path: env.PATH ?? '', wanted: isEvidenceWanted(folder), say: log },
      pidsOf: (name) => supervisor?.status(name).processes.map(({ pid }) => pid) ?? [],
    },
  );
  let alerts: Alerts | null = null;
  const dashboard = await dashboardOf({
    config,
    pm2Home,
    clock: systemClock,
    env,
    log,
    channels: () => alerts?.channels() ?? [],
  });
  function write(told: IncidentRecord): void {
    const record: IncidentRecord = drill.isOf(told.backend) ? { ...told, drill: true } : told;
    const appended = appendIncident(journalFile, record);
    if (!appended.ok) log(`${journalFile}: ${appended.why}; this line is in the log only: ${JSON.stringify(record)}`);
    alerts?.tell(record, appended.ok ? appended.end : null);
    dashboard?.onRecord(record);
  }
  alerts = await alertsOf({ config, pm2Home, clock: systemClock, env, log, write });
  const ports: Ports = {
    clock: systemClock,
    pm2: ownApps(pm2, (app) => ownerOf(app) === config.owner),
    ...observed.ports,
    gates: gatesPort(pm2Home, host, log),
    journal: {
      write(backend, entry) {
        const evidence = observed.of(backend, entry);
        write({ time: new Date().toISOString(), backend, ...entry, ...(evidence !== null && { evidence }) });
      },
    },
    store: fileStore(stateFile(pm2Home, folder), log, Date.now),
    record: recorder(join(folder, 'recording.jsonl')),
    ...(dashboard && { onCheck: dashboard.onCheck }),
    memoryLimitOf: drill.memoryLimitOf,
    seed: Math.floor(Math.random() * 2 ** 32),
    log,
  };
  const rotation = startLogRotation({ config, pm2Home, pm2, clock: systemClock, host, ownerOf }, log, (event) => {
    alerts?.onLogEvent(event);
    dashboard?.onLogEvent(event);
  });
  const extras: Extras = {
    rotateLogs: async () => ({ ...(await rotation.rotateNow()) }),
    incidents: async (count) => readIncidents(journalFile, count),
    acknowledge: (id) => acknowledge(alerts, id),
  };
  return {
    config,
    ports,
    extras,
    watching(watcher) {
      supervisor = watcher;
      alerts?.watch(watcher);
      dashboard?.watch(watcher, extras);
    },
    close() {
      dashboard?.close();
      alerts?.stop();
      rotation.stop();
      health.close();
      pm2.close();
    },
  };
}

/** Leaves this app's own entry in PM2's list, stopped. */
export async function stopEntry(env: NodeJS.ProcessEnv): Promise<void> {
  const pm2 = await connectPm2(pm2HomeOf(env));
  await pm2.stop(Number(env.pm_id));
}

function healthPort(
  host: Host,
  { backends }: WatchConfig,
  pm2Home: string,
  drill: DrillUnderWay,
): Ports['health'] & { close(): void } {
  // Opened now: heartbeats are heard from the beginning.
  const rounds = new Map(
    backends.map(({ name, targets }) => [targets, openRound(targets, { host, beatPath: beatSocket(pm2Home, name) })]),
  );
  const names = new Map(backends.map(({ name, targets }) => [targets, name]));
  const dependencies = new Map<string, DependencyCheck>();
  return {
    check(targets, deadlineMs, incarnation) {
      const round = remembered(rounds, targets, () => openRound(targets, { host, beatPath: '' }));
      return drill.round(names.get(targets) ?? '', round.ask(deadlineMs, incarnation), deadlineMs);
    },
    dependency: (check, deadlineMs) => remembered(dependencies, check, () => openDependency(check)).check(deadlineMs),
    close() {
      for (const open of [...dependencies.values(), ...rounds.values()]) open.close();
    },
  };
}

/** Where the state is. Version 0.1.0 had one lifeguard in a PM2, and its state one folder higher: it is taken on. */
function stateFile(pm2Home: string, folder: string): string {
  const file = join(folder, 'state.json');
  const before = join(lifeguardFolder(pm2Home), 'state.json');
  if (folder === folderOf(pm2Home, 'lifeguard') && existsSync(before) && !existsSync(file)) renameSync(before, file);
  return file;
}

/** Not where somebody has made the file `no-evidence` before lifeguard's start, to know what evidence costs: `npm run bench -- evidence`. */
function isEvidenceWanted(folder: string): boolean {
  const file = join(folder, 'no-evidence');
  if (existsSync(file)) log(`no evidence is taken, as there is ${file}`);
  return !existsSync(file);
}

/** Records where somebody has made the file for it, `touch PM2_HOME/lifeguard/NAME/recording.jsonl`, before lifeguard's start. */
function recorder(file: string): Ports['record'] {
  if (!existsSync(file)) return null;
  log(`recording every decision in ${file}`);
  return (line) => {
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      log(`${file}: ${String(error)}`);
    }
  };
}

function remembered<Key, T>(known: Map<Key, T>, key: Key, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
