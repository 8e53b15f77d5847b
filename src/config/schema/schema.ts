import { z } from 'zod';
import { LIFEGUARD } from '../companion-names.ts';
import { alertChannel } from './alerts.ts';
import { dependency } from './dependency.ts';
import { check, headers } from './health-check.ts';
import { run } from './run.ts';
import { duration, port, publicUrl, size, someText, text } from './values.ts';

/**
 * The configuration contract: the one place that says which keys there are, what they may hold, their defaults and what they mean.
 * TypeScript's types, the checks, backend.schema.json and the reference in the docs all come from it.
 * An issue's message is what was expected, as a phrase.
 */

export const health = z.strictObject({
  liveness: check
    .nullable()
    .prefault('/health')
    .describe(
      'Does it live? A path on `port`, a full http(s):// URL, tcp://host:port, unix:/run/app.sock:/health, or keys of its own. null: not checked.',
    ),
  readiness: check
    .nullable()
    .prefault('/api/health')
    .describe('Can it serve? As `liveness`; only this one is believed about a 503. null: the liveness answer serves for both.'),
  headers: headers.prefault({}).describe('Sent with each check by HTTP: Host, Authorization … Never shown.'),
  interval: duration({ least: 50 })
    .prefault('1s')
    .describe('Between two checks of a backend that is well; a suspect one is checked four times as often.'),
  timeout: duration({ least: 10, most: 600_000 }).prefault('5s').describe('A whole answer within this, or the check has failed.'),
  failure_threshold: z.int().min(1).prefault(3).describe('Consecutive failures before it counts as down.'),
  success_threshold: z.int().min(1).prefault(1).describe('Consecutive successes before it counts as well again.'),
  startup_timeout: duration().prefault('60s').describe('No verdict on a starting backend before its first success or this.'),
  retry_after_max: duration()
    .prefault('60s')
    .describe('A 503 with Retry-After is believed for at most this long. 0: not at all.'),
});

const backoff = z.strictObject({
  initial: duration({ least: 10 }).prefault('1s').describe('The first delay.'),
  factor: z.number().min(1).max(100).prefault(2).describe('Each further delay is this many times the one before.'),
  max: duration({ least: 10 }).prefault('5m').describe('No delay is longer, jitter included.'),
  jitter: z.number().min(0).max(1).prefault(0.2).describe('A delay is lengthened by up to this share of itself, at random.'),
});

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

const maxCpu = z
  .strictObject({
    percent: z.number().min(1).max(25_600).describe('Of one core: a process that spins takes 100, four of them 400.'),
    for: duration({ least: 10_000 }).prefault('5m').describe('Without a pause, as far as it is looked at: every 5 s.'),
  })
  .describe('How much of the processor is too much.');

const RESTART_CAUSES = ['crash', 'hang', 'unreachable', '503'] as const;

/** YAML reads a plain 503 as a number. */
const restartCause = z
  .union([z.enum(RESTART_CAUSES), z.literal(503)], { error: 'one of crash, hang, unreachable, 503' })
  .transform((cause) => (cause === 503 ? '503' : cause));

export const restart = z.strictObject({
  on: z
    .array(restartCause)
    .prefault([...RESTART_CAUSES])
    .describe('What it is restarted for: crash, hang, unreachable, 503.'),
  max_restarts: z.int().min(1).max(10_000).prefault(10).describe('Of any cause, within the window: this limit always holds.'),
  within: duration({ least: 1_000 }).prefault('10m').describe('The sliding window that `max_restarts` counts in.'),
  cool_down: duration({ least: 1 })
    .nullable()
    .prefault('15m')
    .describe('After the limit: stopped for this long, then one trial. null: stays down until someone resets it.'),
  backoff: backoff.prefault({}).describe('The delays between starts, from the second crash within the window on.'),
  stop_signal: z
    .enum(STOP_SIGNALS, { error: `null, or one of ${STOP_SIGNALS.join(', ')}` })
    .nullable()
    .prefault(null)
    .describe(
      'What asks it to end, sent to its parent alone. null: SIGTERM for gunicorn and Celery, else SIGINT. `pm2 stop` and a shutdown always send SIGINT.',
    ),
  kill_timeout: duration({ least: 100, most: 3_600_000 })
    .prefault('10s')
    .describe('For a graceful stop; then it is killed. A hung process is killed at once.'),
  max_memory: size({ least: 1024 * 1024 })
    .nullable()
    .prefault(null)
    .describe('A graceful restart when the whole process tree uses more. null: no limit.'),
  max_cpu: maxCpu
    .nullable()
    .prefault(null)
    .describe('A graceful restart when the whole process tree uses more, for so long. null: no limit.'),
});

export const logs = z.strictObject({
  directory: someText('path').prefault('logs').describe('Where the log files are, rotated ones too.'),
  max_size: size({ least: 1024 }).prefault('10M').describe('A log file that is larger is rotated; every one is rotated daily.'),
  retain: duration({ least: 1_000 }).prefault('10d').describe('Rotated files older than this are deleted.'),
  compress: z.boolean().prefault(true).describe('gzip rotated files.'),
  max_total: size({ least: 1024 })
    .nullable()
    .prefault(null)
    .describe(
      'A cap on all rotated files of this app together, above `max_size`: the oldest go first, the newest never. null: none.',
    ),
  files: z.array(someText('path')).prefault([]).describe('Further log files, written by the app itself, that are rotated too.'),
});

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

export const backend = z
  .strictObject({
    name: text('name', NAME, 'a name of letters, digits, . _ and - (64 at most)', suggestName).describe(
      "The app's name in PM2, and of its log files.",
    ),
    run,
    port: port.nullable().prefault(null).describe('The port that the backend must be able to bind; exported to it as PORT.'),
    health: health.prefault({}).describe('How its health is checked.'),
    restart: restart.prefault({}).describe('What it is restarted for, how often at most, how fast.'),
    pmx: z
      .boolean()
      .prefault(false)
      .describe('true: let PM2 instrument a Node app. It then swallows unhandled rejections and hides failed imports.'),
    depends_on: z.array(dependency).prefault([]).describe('While one of these is down a restart cannot help, and is held.'),
    logs: logs.prefault({}).describe('Rotation and retention of its logs.'),
  })
  .describe('One backend: what is run, and how it is kept alive.');

export const dashboard = z.strictObject({
  host: someText('host')
    .prefault('127.0.0.1')
    .describe('The address that it listens on. Other than this machine itself: `token` is needed.'),
  port: port.nullable().prefault(5556).describe('null: no dashboard.'),
  token: someText('token')
    .nullable()
    .prefault(null)
    .meta({ writeOnly: true })
    .describe('Needed for actions. null: it only shows.'),
  url: publicUrl.nullable().prefault(null).describe('Where people reach it, for the links in alerts. null: no links.'),
});

const watcher = z.strictObject({
  name: text('name', NAME, 'a name of letters, digits, . _ and - (64 at most)', suggestName)
    .prefault(LIFEGUARD)
    .describe("Lifeguard's name in PM2. A second project in the same PM2 gives its own another one: `lifeguard-shop`."),
});

/** The whole file, in YAML as in TypeScript. */
export const ecosystem = z.strictObject({
  backends: z.array(backend).prefault([]).describe('What runs. In backend.yaml they match those of TypeScript by name.'),
  alerts: z.array(alertChannel).prefault([]).describe('Who is told.'),
  dashboard: dashboard.nullable().prefault({}).describe('The page that shows it all. null: none.'),
  lifeguard: watcher.prefault({}).describe('The app that watches the backends: one a project.'),
});

/** What is left after the defaults, with ms and bytes. */
export type Ecosystem = z.output<typeof ecosystem>;
export type Backend = z.output<typeof backend>;

function suggestName(input: string): string | null {
  const fixed = input
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 64)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return fixed ? `${fixed} would do.` : null;
}
