import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type AlarmClock, every } from '../src/clock/clock.ts';
import type { WatchConfig } from '../src/config/resolved.ts';
import { type Door, openDoor } from '../src/dashboard/door/door.ts';
import type { Answers, PageSetup, Question } from '../src/dashboard/door/messages.ts';
import { type Counting, startCounting } from '../src/dashboard/figures/counting.ts';
import type { BackendFigures, ChannelFigures, OwnFigures } from '../src/dashboard/figures/figures.ts';
import { type HistoryKeeper, keepHistory } from '../src/dashboard/history/keeper.ts';
import { builtOrSource, PACKAGE_ROOT } from '../src/ecosystem/package-root.ts';
import type { IncidentRecord } from '../src/incidents/journal.ts';
import type { Supervisor } from '../src/lifeguard/supervise.ts';
import type { LogEvent } from '../src/logs/log-event.ts';
import { inheritable } from '../src/pm2/daemon/environment.ts';
import { historyFolder } from '../src/pm2/home.ts';
import type { Observation } from '../src/policy/observation.ts';
import { actionTable, answer, type Extras } from './actions.ts';

const PAGE = 'probes/page.ts';
const BEAT_MS = 1_000;
/** The worst lateness is that of the last minute. */
const BEATS = 60;

export interface DashboardParts {
  readonly config: WatchConfig;
  readonly pm2Home: string;
  readonly clock: AlarmClock;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
  readonly channels: () => readonly ChannelFigures[];
}

/** What is counted for /metrics, and the door to the page. All but the counting is done by another process. */
export interface Dashboard {
  onCheck(backend: string, observation: Observation): void;
  onRecord(record: IncidentRecord): void;
  onLogEvent(event: LogEvent): void;
  /** The supervisor watches: visitors may come. */
  watch(supervisor: Supervisor, extras: Extras): void;
  close(): void;
}

/** Loaded only where one is configured. */
export function openDashboard(parts: DashboardParts): Dashboard {
  const { config, clock } = parts;
  const names = config.backends.map(({ name }) => name);
  const counting = startCounting(names);
  const folder = historyFolder(parts.pm2Home, config.name);
  const history = keepHistory({ folder, names, clock, say: parts.log });
  const own = ownFigures(clock);
  let door: Door | null = null;
  let end = () => {};
  return {
    onCheck(backend, observation) {
      counting.onCheck(backend, observation, clock.wallNow());
      history.onCheck(backend, observation);
    },
    onRecord(record) {
      counting.onRecord(record);
      history.onRecord(record);
      door?.tell(record);
    },
    onLogEvent: counting.onLogEvent,
    watch(supervisor, extras) {
      // One timer for both: each of its own would wake the process once more a second.
      end = every(clock, BEAT_MS, () => {
        own.beat();
        history.beat(supervisor.state);
      });
      door = openDoor({
        setup: { ...setupOf(config), history: folder },
        program: programOf(),
        env: { ...inheritable(parts.env), PM2_HOME: parts.pm2Home },
        clock,
        ask: (question) => answerTo(question, { supervisor, extras, counting, history, own, parts }),
        say: parts.log,
      });
    },
    close() {
      end();
      history.stop();
      door?.close();
    },
  };
}

interface Known {
  readonly supervisor: Supervisor;
  readonly extras: Extras;
  readonly counting: Counting;
  readonly history: HistoryKeeper;
  readonly own: { read(): OwnFigures };
  readonly parts: DashboardParts;
}

function answerTo(question: Question, known: Known): Answers[Question['about']] | Promise<Answers[Question['about']]> {
  const { supervisor, extras, counting, history, own, parts } = known;
  switch (question.about) {
    case 'figures':
      return {
        lifeguard: own.read(),
        backends: supervisor.names.map((name) => backendFigures(name, supervisor, counting, parts.clock.wallNow())),
        channels: parts.channels().map(({ name, waiting, sent, failed, givenUp }) => ({ name, waiting, sent, failed, givenUp })),
        rotation: counting.rotation(),
      };
    case 'look':
      return (question.backend === null ? supervisor.names : [question.backend]).map((name) => ({
        status: supervisor.status(name),
        slot: history.current(name),
      }));
    case 'act': {
      const handler = actionTable(extras)[question.action];
      if (handler === undefined) throw new Error(`there is no action ${question.action}`);
      return answer(handler, supervisor, question.param);
    }
  }
}

function backendFigures(name: string, supervisor: Supervisor, counting: Counting, wallNow: number): BackendFigures {
  const { policy, processes, dependencies } = supervisor.status(name);
  const upMs = processes.length === 0 ? null : Math.max(...processes.map(({ uptimeMs }) => uptimeMs));
  return {
    ...counting.backend(name),
    name,
    state: policy.state,
    startedAt: upMs === null ? null : wallNow - upMs,
    restartsLeft: Math.max(0, policy.maxRestarts - policy.restarts),
    dependencies: dependencies.map(({ name: dependency, up }) => ({ name: dependency, up })),
  };
}

/** Of lifeguard itself. `beat` is to be called each second. */
function ownFigures(clock: AlarmClock): { beat(): void; read(): OwnFigures } {
  const startedAt = clock.wallNow() - process.uptime() * 1_000;
  const late = new Float32Array(BEATS);
  let beats = 0;
  let expectedAt: number | null = null;
  return {
    beat() {
      const now = clock.now();
      late[beats++ % BEATS] = Math.max(0, now - (expectedAt ?? now));
      expectedAt = now + BEAT_MS;
    },
    read() {
      const { user, system } = process.cpuUsage();
      return {
        version: VERSION,
        node: process.versions.node,
        startedAt,
        rssBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
        loopDelaySeconds: Math.max(...late) / 1_000,
      };
    },
  };
}

function setupOf({ name, dashboard, journal }: WatchConfig): Omit<PageSetup, 'history'> {
  const { host, port, token, url } = dashboard;
  return { version: VERSION, lifeguard: name, machine: hostname(), host, port: port ?? 0, token, url, journal };
}

/** From the sources it needs tsx, as lifeguard itself does. */
function programOf(): { script: string; nodeArgs: readonly string[] } {
  const { script, built } = builtOrSource(PAGE);
  return { script, nodeArgs: built ? [] : ['--import', 'tsx'] };
}

const VERSION = (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
