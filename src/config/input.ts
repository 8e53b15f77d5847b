// Generated from the zod schema in schema.ts by `npm run schema`; a test fails when it is stale. Interfaces of their own instead of
// z.input, so that an editor shows each key's docstring and a short name, and a user's compiler never has to look into zod.

import type { Duration } from '../units/duration.ts';
import type { Size } from '../units/size.ts';

/** A command before a start. */
export interface BeforeInput {
  /** The program and its arguments. Run in `run.cwd`, with the environment of the backend, without a shell. */
  readonly command: string;
  /** Not ended within this, it has failed, and its whole tree is killed. @default "5m" */
  readonly timeout?: Duration | undefined;
}

/** What is started: `command` or `script`. */
export interface RunInput {
  /** A program and its arguments, split into words as a shell does, but run without one. This or `script`. */
  readonly command?: string | undefined;
  /** A script file, as PM2 takes it: `.js`, `.ts`, `.py`, `.sh` … This or `command`. */
  readonly script?: string | undefined;
  /** What runs `script`. null: by the file's extension; `none`: it runs by itself. @default null */
  readonly interpreter?: string | null | undefined;
  /** Arguments of `script`, one an entry. @default [] */
  readonly args?: readonly (string | number | boolean)[] | undefined;
  /** The folder that it runs in. @default "." */
  readonly cwd?: string | undefined;
  /** More than 1: PM2 cluster mode, Node scripts only. @default 1 */
  readonly instances?: number | undefined;
  /** Environment variables. They end up in PM2 (`pm2 env`, its dump file): for secrets use `env_file`. */
  readonly env?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** A file of NAME=value lines, read when the app starts. Its values never reach PM2's dump file. @default null */
  readonly env_file?: string | null | undefined;
  /** Run one after the other before a start by an operator or a boot, not before a restart: migrations. One that fails stops the start. @default [] */
  readonly before?: readonly BeforeInput[] | undefined;
  /** true: a job that ends, and that others can wait for. One that fails is tried again with the backoff. @default false */
  readonly once?: boolean | undefined;
  /** Laid over `env` by `--env NAME`. */
  readonly [name: `env_${string}`]: Readonly<Record<string, string | number | boolean | undefined>> | string | null | undefined;
}

/** One of `expect`. */
export interface ExpectInput {
  /** A status, or a list of them, that counts as a success. null: any below 400. @default null */
  readonly status?: number | readonly number[] | null | undefined;
  /** A text that the first 64 KiB of the body must have. @default null */
  readonly body?: string | null | undefined;
  /** What the body's JSON must have, among other things: `{ status: healthy }`. @default null */
  readonly json?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Asked by HTTP. */
export interface HttpCheckInput {
  /** A path on `port`, an http(s):// URL, or unix:/run/app.sock:/health for a socket file. */
  readonly http: string;
  /** How it is asked. @default "GET" */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'OPTIONS' | undefined;
  /** Request headers, over those of `health.headers`. Never shown. */
  readonly headers?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** What a good answer is like. null: any below 400. @default null */
  readonly expect?: ExpectInput | null | undefined;
}

/** What is run, and how often. */
export interface ExecInput {
  /** The program and its arguments. Run in `run.cwd`, with `run.env` and `run.env_file`, without a shell. */
  readonly command: string;
  /** Not ended within this, it has failed, and its whole tree is killed. @default "10s" */
  readonly timeout?: Duration | undefined;
  /** Between two runs while all is well, four times as often else. Never two at a time. @default "30s" */
  readonly interval?: Duration | undefined;
}

/** A command: 0 is well, any other exit status is not; 126 and 127 say that the check itself is broken. */
export interface CommandCheckInput {
  /** What is run, and how often. */
  readonly exec: ExecInput;
}

/** Asked by gRPC's standard health protocol, grpc.health.v1. */
export interface GrpcCheckInput {
  /** Where, and which service; without one the server as a whole. /package.Service is on `port`. */
  readonly grpc: string;
  /** Over TLS. The certificate of this machine itself may be any. @default false */
  readonly tls?: boolean | undefined;
}

/** Where it is heard, and how often it must be. */
export interface HeartbeatInput {
  /** A file that the backend changes. null: it writes a byte to the socket whose path it finds in LIFEGUARD_BEAT. @default null */
  readonly file?: string | null | undefined;
  /** Without a heartbeat for longer than this it hangs. @default "60s" */
  readonly within?: Duration | undefined;
}

/** A sign of life that the backend gives by itself, for one that does not listen anywhere. */
export interface HeartbeatCheckInput {
  /** Where it is heard, and how often it must be. */
  readonly heartbeat: HeartbeatInput;
}

/** How its health is checked. */
export interface HealthInput {
  /** Does it live? A path on `port`, a full http(s):// URL, tcp://host:port, unix:/run/app.sock:/health, or keys of its own. null: not checked. @default "/health" */
  readonly liveness?: string | HttpCheckInput | CommandCheckInput | GrpcCheckInput | HeartbeatCheckInput | null | undefined;
  /** Can it serve? As `liveness`; only this one is believed about a 503. null: the liveness answer serves for both. @default "/api/health" */
  readonly readiness?: string | HttpCheckInput | CommandCheckInput | GrpcCheckInput | HeartbeatCheckInput | null | undefined;
  /** Sent with each check by HTTP: Host, Authorization … Never shown. */
  readonly headers?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Between two checks of a backend that is well; a suspect one is checked four times as often. @default "1s" */
  readonly interval?: Duration | undefined;
  /** A whole answer within this, or the check has failed. @default "5s" */
  readonly timeout?: Duration | undefined;
  /** Consecutive failures before it counts as down. @default 3 */
  readonly failure_threshold?: number | undefined;
  /** Consecutive successes before it counts as well again. @default 1 */
  readonly success_threshold?: number | undefined;
  /** No verdict on a starting backend before its first success or this. @default "60s" */
  readonly startup_timeout?: Duration | undefined;
  /** A 503 with Retry-After is believed for at most this long. 0: not at all. @default "60s" */
  readonly retry_after_max?: Duration | undefined;
}

/** The delays between starts, from the second crash within the window on. */
export interface BackoffInput {
  /** The first delay. @default "1s" */
  readonly initial?: Duration | undefined;
  /** Each further delay is this many times the one before. @default 2 */
  readonly factor?: number | undefined;
  /** No delay is longer, jitter included. @default "5m" */
  readonly max?: Duration | undefined;
  /** A delay is lengthened by up to this share of itself, at random. @default 0.2 */
  readonly jitter?: number | undefined;
}

/** How much of the processor is too much. */
export interface Max_cpuInput {
  /** Of one core: a process that spins takes 100, four of them 400. */
  readonly percent: number;
  /** Without a pause, as far as it is looked at: every 5 s. @default "5m" */
  readonly for?: Duration | undefined;
}

/** What it is restarted for, how often at most, how fast. */
export interface RestartInput {
  /** What it is restarted for: crash, hang, unreachable, 503. @default ["crash","hang","unreachable","503"] */
  readonly on?: readonly ('503' | 'crash' | 'hang' | 'unreachable' | 503)[] | undefined;
  /** Of any cause, within the window: this limit always holds. @default 10 */
  readonly max_restarts?: number | undefined;
  /** The sliding window that `max_restarts` counts in. @default "10m" */
  readonly within?: Duration | undefined;
  /** After the limit: stopped for this long, then one trial. null: stays down until someone resets it. @default "15m" */
  readonly cool_down?: Duration | null | undefined;
  /** The delays between starts, from the second crash within the window on. */
  readonly backoff?: BackoffInput | undefined;
  /** What asks it to end, sent to its parent alone. null: SIGTERM for gunicorn and Celery, else SIGINT. `pm2 stop` and a shutdown always send SIGINT. @default null */
  readonly stop_signal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | null | undefined;
  /** For a graceful stop; then it is killed. A hung process is killed at once. @default "10s" */
  readonly kill_timeout?: Duration | undefined;
  /** A graceful restart when the whole process tree uses more. null: no limit. @default null */
  readonly max_memory?: Size | null | undefined;
  /** A graceful restart when the whole process tree uses more, for so long. null: no limit. @default null */
  readonly max_cpu?: Max_cpuInput | null | undefined;
}

/** What a backend cannot do without. */
export interface DependencyInput {
  /** What it is called in messages and metrics. */
  readonly name: string;
  /** What lifeguard asks by itself: postgres://…, mysql://…, redis://… (rediss:// over TLS), mongodb://… or amqp://… with a query of their own; tcp://host:port, http(s)://…; postgres+file:PATH of a file that holds a URL; backend:NAME of another backend here. */
  readonly check: string;
  /** Where the health answer's body names this dependency, such as `services.database`. @default null */
  readonly field?: string | null | undefined;
  /** A start by an operator or a boot waits until it is healthy; of a backend: until it has `started`, or, a job with `run.once`, has `completed`. null: it does not wait. @default null */
  readonly start?: 'healthy' | 'started' | 'completed' | null | undefined;
  /** true, of another backend: when that was restarted, and is well again, this one is restarted too, once. @default false */
  readonly restart_with?: boolean | undefined;
}

/** Rotation and retention of its logs. */
export interface LogsInput {
  /** Where the log files are, rotated ones too. @default "logs" */
  readonly directory?: string | undefined;
  /** A log file that is larger is rotated; every one is rotated daily. @default "10M" */
  readonly max_size?: Size | undefined;
  /** Rotated files older than this are deleted. @default "10d" */
  readonly retain?: Duration | undefined;
  /** gzip rotated files. @default true */
  readonly compress?: boolean | undefined;
  /** A cap on all rotated files of this app together, above `max_size`: the oldest go first, the newest never. null: none. @default null */
  readonly max_total?: Size | null | undefined;
  /** Further log files, written by the app itself, that are rotated too. @default [] */
  readonly files?: readonly string[] | undefined;
}

/** One backend: what is run, and how it is kept alive. */
export interface BackendInput {
  /** The app's name in PM2, and of its log files. */
  readonly name: string;
  /** What is started: `command` or `script`. */
  readonly run: RunInput;
  /** The port that the backend must be able to bind; exported to it as PORT. @default null */
  readonly port?: number | null | undefined;
  /** How its health is checked. */
  readonly health?: HealthInput | undefined;
  /** What it is restarted for, how often at most, how fast. */
  readonly restart?: RestartInput | undefined;
  /** true: let PM2 instrument a Node app. It then swallows unhandled rejections and hides failed imports. @default false */
  readonly pmx?: boolean | undefined;
  /** While one of these is down a restart cannot help, and is held. @default [] */
  readonly depends_on?: readonly DependencyInput[] | undefined;
  /** Rotation and retention of its logs. */
  readonly logs?: LogsInput | undefined;
}

/** A POST with the alert as JSON, as alert.schema.json has it. */
export interface WebhookAlertInput {
  /** A POST with the alert as JSON, as alert.schema.json has it. */
  readonly type: 'webhook';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** Where it is sent. */
  readonly url: string;
  /** Further request headers, such as Authorization. */
  readonly headers?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Signs the body: `X-Lifeguard-Signature: sha256=` and its HMAC-SHA256 in hex. null: not signed. @default null */
  readonly secret?: string | null | undefined;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A message in a Slack channel. */
export interface SlackAlertInput {
  /** A message in a Slack channel. */
  readonly type: 'slack';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** Slack's incoming webhook. */
  readonly url: string;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A message in a Discord channel. */
export interface DiscordAlertInput {
  /** A message in a Discord channel. */
  readonly type: 'discord';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** Discord's webhook. */
  readonly url: string;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** An e-mail. */
export interface EmailAlertInput {
  /** An e-mail. */
  readonly type: 'email';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The mail server, with user and password if it wants them. */
  readonly smtp: string;
  /** The sender. */
  readonly from: string;
  /** The recipients. */
  readonly to: readonly string[];
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A program that is run, without a shell; the alert comes as JSON on its stdin. */
export interface CommandAlertInput {
  /** A program that is run, without a shell; the alert comes as JSON on its stdin. */
  readonly type: 'command';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The program and its arguments. */
  readonly command: string;
  /** It has ended with exit code 0 within this, or it has failed and is ended. @default "10s" */
  readonly timeout?: Duration | undefined;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A message of a Telegram bot. */
export interface TelegramAlertInput {
  /** A message of a Telegram bot. */
  readonly type: 'telegram';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The bot's token, from @BotFather. */
  readonly token: string;
  /** The id of the chat that it writes to, or @channelname. */
  readonly chat: string | number | boolean;
  /** The Bot API server. @default "https://api.telegram.org" */
  readonly api?: string | undefined;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A push notification by ntfy. */
export interface NtfyAlertInput {
  /** A push notification by ntfy. */
  readonly type: 'ntfy';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The topic: https://ntfy.sh/NAME, or one on a server of your own. */
  readonly url: string;
  /** An access token. null: none is needed. @default null */
  readonly token?: string | null | undefined;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A card in Microsoft Teams. */
export interface TeamsAlertInput {
  /** A card in Microsoft Teams. */
  readonly type: 'teams';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The URL of a workflow that posts to a channel when a webhook request is received. */
  readonly url: string;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A PagerDuty incident, acknowledged and resolved with the alert. */
export interface PagerdutyAlertInput {
  /** A PagerDuty incident, acknowledged and resolved with the alert. */
  readonly type: 'pagerduty';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The integration key of Events API v2. */
  readonly routing_key: string;
  /** Of the EU service region: https://events.eu.pagerduty.com/v2/enqueue. @default "https://events.pagerduty.com/v2/enqueue" */
  readonly url?: string | undefined;
  /** What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured. @default ["down","gave-up","degraded","flapping","recovered","port-taken","disk-full","memory","cpu","misconfigured","lifeguard"] */
  readonly on?: readonly ('down' | 'gave-up' | 'degraded' | 'flapping' | 'recovered' | 'port-taken' | 'disk-full' | 'memory' | 'cpu' | 'misconfigured' | 'lifeguard' | 'digest')[] | undefined;
}

/** A GET to a dead man's switch, such as healthchecks.io, while every backend's checks go on: so a dead machine is noticed too. */
export interface HeartbeatAlertInput {
  /** A GET to a dead man's switch, such as healthchecks.io, while every backend's checks go on: so a dead machine is noticed too. */
  readonly type: 'heartbeat';
  /** What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on. */
  readonly name?: string | undefined;
  /** The ping URL; `/start` and `/fail` are added to its path. */
  readonly url: string;
  /** Between two pings. @default "1m" */
  readonly every?: Duration | undefined;
}

/** One of `dashboard`. */
export interface DashboardInput {
  /** The address that it listens on. Other than this machine itself: `token` is needed. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** null: no dashboard. @default 5556 */
  readonly port?: number | null | undefined;
  /** Needed for actions. null: it only shows. @default null */
  readonly token?: string | null | undefined;
  /** Where people reach it, for the links in alerts. null: no links. @default null */
  readonly url?: string | null | undefined;
}

/** The app that watches the backends: one a project. */
export interface LifeguardInput {
  /** Lifeguard's name in PM2. A second project in the same PM2 gives its own another one: `lifeguard-shop`. @default "lifeguard" */
  readonly name?: string | undefined;
}

/** The whole configuration, as it is given to `defineEcosystem` and in backend.yaml. */
export interface EcosystemInput {
  /** What runs. In backend.yaml they match those of TypeScript by name. @default [] */
  readonly backends?: readonly BackendInput[] | undefined;
  /** Who is told. @default [] */
  readonly alerts?: readonly (WebhookAlertInput | SlackAlertInput | DiscordAlertInput | EmailAlertInput | CommandAlertInput | TelegramAlertInput | NtfyAlertInput | TeamsAlertInput | PagerdutyAlertInput | HeartbeatAlertInput)[] | undefined;
  /** The page that shows it all. null: none. */
  readonly dashboard?: DashboardInput | null | undefined;
  /** The app that watches the backends: one a project. */
  readonly lifeguard?: LifeguardInput | undefined;
}
