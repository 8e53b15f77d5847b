import { hostname } from 'node:os';
import { type Alerting, startAlerting } from '../src/alerts/alerting.ts';
import { RETRIES } from '../src/alerts/delivery/retry.ts';
import { type CheckLook, whoseChecksStopped } from '../src/alerts/heartbeat/went-on.ts';
import { messageChannels, setupFrom } from '../src/alerts/setup-from.ts';
import type { AlarmClock } from '../src/clock/clock.ts';
import type { WatchConfig } from '../src/config/resolved.ts';
import type { IncidentRecord } from '../src/incidents/journal.ts';
import type { Supervisor } from '../src/lifeguard/supervise.ts';
import type { LogEvent } from '../src/logs/log-event.ts';
import { inheritable } from '../src/pm2/daemon/environment.ts';
import { alertsFolder } from '../src/pm2/home.ts';

export interface AlertsParts {
  readonly config: WatchConfig;
  readonly pm2Home: string;
  readonly clock: AlarmClock;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
  readonly write: (record: IncidentRecord) => void;
}

export interface Alerts extends Pick<Alerting, 'tell' | 'acknowledge' | 'channels' | 'stop'> {
  onLogEvent(event: LogEvent): void;
  /** The supervisor watches: its heartbeats begin. */
  watch(supervisor: Supervisor): void;
}

/** The alerts of this lifeguard. Loaded only where some are configured. @throws Error when the journal cannot be looked at */
export function openAlerts(parts: AlertsParts): Alerts {
  const { config, clock } = parts;
  const alerting = alertingOf(parts);
  return {
    ...alerting,
    onLogEvent(event) {
      const happening = diskNews(event, config, clock.wallNow());
      if (happening !== null) alerting.happen(happening);
    },
    watch: (supervisor) => alerting.watch(() => whoseChecksStopped(looksAt(supervisor, config))),
  };
}

function alertingOf({ config, pm2Home, clock, env, log, write }: AlertsParts): Alerting {
  return startAlerting({
    setup: setupFrom(config, hostname()),
    channels: messageChannels(config),
    heartbeats: config.alerts.filter((channel) => channel.type === 'heartbeat'),
    folder: alertsFolder(pm2Home, config.name),
    journal: config.journal,
    clock,
    retries: RETRIES,
    env: { ...inheritable(env), PM2_HOME: pm2Home },
    say: log,
    write,
  });
}

/** What log rotation met that people should know; null: nothing of the kind. */
function diskNews(event: LogEvent, config: WatchConfig, at: number): Parameters<Alerting['happen']>[0] | null {
  const slot = 'disk-full';
  if (event.kind === 'space-back') return { type: 'trouble-over', slot, text: 'There is room again.', at };
  if (event.kind !== 'disk-full') return null;
  const subject = `The disk of ${config.logsDirectory}`;
  const text = `Log rotation found no room: ${event.text}`;
  return { type: 'trouble', slot, subject, kind: 'disk-full', text, todo: 'To do: make room', notTo: [], at };
}

function* looksAt(supervisor: Supervisor, { backends }: WatchConfig): Iterable<CheckLook> {
  for (const { name, policy, targets } of backends) {
    const { policy: summary, processes, lastCheck, waitsFor } = supervisor.status(name);
    yield {
      name,
      state: summary.state,
      upForMs: processes.length === 0 || waitsFor !== null ? null : Math.min(...processes.map(({ uptimeMs }) => uptimeMs)),
      checkedAgoMs: lastCheck?.agoMs ?? null,
      intervalMs: targets.liveness === null ? null : policy.intervalMs,
      timeoutMs: policy.timeoutMs,
    };
  }
}
