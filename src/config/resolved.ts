import type { Policy } from '../policy/policy.ts';

/** The whole configuration, validated, overlaid and resolved: paths absolute, units inside (ms, bytes), every default filled in. */
export interface ResolvedConfig {
  /** The files that it came from, absolute: the ecosystem file, backend.yaml; or the file of LIFEGUARD_CONFIG alone. */
  readonly files: readonly string[];
  /** The folder of the ecosystem file. */
  readonly directory: string;
  readonly backends: readonly ResolvedBackend[];
  readonly alerts: readonly AlertChannel[];
  readonly dashboard: Dashboard;
  /** The PM2 app that watches the backends. */
  readonly lifeguard: { readonly name: string };
}

/** One backend: what the launcher starts, and what lifeguard watches. */
export interface ResolvedBackend extends WatchedBackend {
  readonly run: Run;
  /** 1: PM2's fork mode; more: its cluster mode. */
  readonly instances: number;
  /** Let PM2 instrument it. */
  readonly pmx: boolean;
}

export interface Run {
  readonly program: Program;
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** By NAME of `env_NAME`: merged over `env` by `--env NAME`. */
  readonly envByName: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Absolute; read when the app starts, so that its values never reach PM2. */
  readonly envFile: string | null;
}

/** `program` is absolute if it was given with a slash, else a bare name for the PATH; `script` is absolute. */
export type Program =
  | { readonly kind: 'command'; readonly program: string; readonly args: readonly string[] }
  | {
      readonly kind: 'script';
      readonly script: string;
      /** null: chosen by the script's extension. */
      readonly interpreter: string | null;
      readonly args: readonly string[];
    };

export interface Dashboard {
  readonly host: string;
  /** null: no dashboard. */
  readonly port: number | null;
  readonly token: string | null;
  /** Where people reach it, for links; null: no links. */
  readonly url: string | null;
}

/** What a channel may be told about. `lifeguard`: trouble of its own; `digest`: once a day what a first restart cured. */
export type AlertKind =
  | 'down'
  | 'gave-up'
  | 'degraded'
  | 'flapping'
  | 'recovered'
  | 'port-taken'
  | 'disk-full'
  | 'memory'
  | 'cpu'
  | 'misconfigured'
  | 'lifeguard'
  | 'digest';

/** Names are unique. Secrets may be in every field but `type`, `name` and `on`: never log one whole. */
export type AlertChannel = MessageChannel | Heartbeat;

/** A channel that messages are sent to. */
export type MessageChannel = { readonly name: string; readonly on: readonly AlertKind[] } & (
  | {
      readonly type: 'webhook';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Signs the body; null: it is not signed. */
      readonly secret: string | null;
    }
  | { readonly type: 'slack' | 'discord' | 'teams'; readonly url: string }
  | { readonly type: 'email'; readonly smtp: string; readonly from: string; readonly to: readonly string[] }
  | { readonly type: 'command'; readonly program: string; readonly args: readonly string[]; readonly timeoutMs: number }
  | { readonly type: 'telegram'; readonly token: string; readonly chat: string; readonly api: string }
  | { readonly type: 'ntfy'; readonly url: string; readonly token: string | null }
  | { readonly type: 'pagerduty'; readonly routingKey: string; readonly url: string }
);

/** A dead man's switch that is pinged while every backend's checks go on. */
export interface Heartbeat {
  readonly type: 'heartbeat';
  readonly name: string;
  readonly url: string;
  readonly everyMs: number;
}

/**
 * The configuration as lifeguard gets it from the launcher: validated, paths absolute, units inside (ms, bytes).
 * Plain JSON, so that lifeguard loads neither zod nor yaml. It lies in PM2_HOME/lifeguard/NAME/config-DIGEST.json, mode 0600, and holds what
 * was applied, app by app: not always what the files say by now.
 */
export interface WatchConfig {
  readonly version: 1;
  /** Lifeguard's own name in PM2. */
  readonly name: string;
  /** The ecosystem file by its logical path: the apps that it started are lifeguard's to watch, and no others. */
  readonly owner: string;
  /** The ecosystem file, and backend.yaml if there is one. */
  readonly files: readonly string[];
  /** Where evidence goes: the logs directory beside the ecosystem file. */
  readonly logsDirectory: string;
  /** The file of incidents, `incidents.jsonl` in there; a second ecosystem file of the same folder has its own. */
  readonly journal: string;
  readonly backends: readonly WatchedBackend[];
  /** Apps beside the backends whose logs are rotated too (lifeguard, database): by PM2 name. */
  readonly companions: readonly { readonly name: string; readonly logs: LogPolicy }[];
  readonly alerts: readonly AlertChannel[];
  readonly dashboard: Dashboard;
}

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2';

export interface WatchedBackend {
  readonly name: string;
  readonly port: number | null;
  readonly targets: {
    /** null: nothing is asked: only crashes are seen. */
    readonly liveness: CheckTarget | null;
    /** null: the liveness answer serves for both. */
    readonly readiness: CheckTarget | null;
  };
  readonly policy: Policy;
  readonly killTimeoutMs: number;
  /** Sent to what PM2 started, and to nothing below it; null: PM2 ends it in its own way, SIGINT to the whole tree. */
  readonly stopSignal: StopSignal | null;
  /** What lifeguard checks itself; secrets may be in `check`: never log it whole. */
  readonly dependencies: readonly Dependency[];
  /** Run one after the other before a start by an operator or a boot. */
  readonly before: readonly BeforeCommand[];
  /** A job that ends, and that others can wait for. */
  readonly once: boolean;
  readonly logs: LogPolicy;
}

/** Run with the environment that PM2 gives the backend, over its env_file. */
export type BeforeCommand = Pick<CommandCheck, 'program' | 'args' | 'cwd' | 'envFile' | 'timeoutMs'>;

export interface Dependency {
  readonly name: string;
  readonly check: string;
  readonly field: string | null;
  /** What a start waits for; null: for nothing. */
  readonly start: StartCondition | null;
  /** It is restarted when this one was. */
  readonly restartWith: boolean;
}

/** `completed`: a job that ends has ended well. */
export type StartCondition = 'healthy' | 'started' | 'completed';

/** What is asked for a backend's health. Secrets may be in URLs, headers and environments: never log one whole. */
export type CheckTarget = HttpCheck | TcpCheck | CommandCheck | GrpcCheck | HeartbeatCheck;

export interface HttpCheck extends HttpAsk {
  readonly kind: 'http';
  /** `http://…`, `https://…`, or `unix:/absolute/path.sock:/path`. */
  readonly url: string;
}

/** How an HTTP request is made and what counts as a good answer to it. */
export interface HttpAsk {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  /** null: nothing beyond what its status says. */
  readonly expect: Expectation | null;
}

/** What an answer must be like; null: anything. */
export interface Expectation {
  readonly status: readonly number[] | null;
  /** A text that its body has. */
  readonly body: string | null;
  /** What its body's JSON has, among other things. */
  readonly json: Readonly<Record<string, unknown>> | null;
}

/** That it accepts a connection. */
export interface TcpCheck {
  readonly kind: 'tcp';
  /** `tcp://host:port` */
  readonly url: string;
}

/** That a command ends with exit status 0. */
export interface CommandCheck {
  readonly kind: 'command';
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly envFile: string | null;
  readonly timeoutMs: number;
  /** From the start of one run to that of the next. */
  readonly everyMs: number;
}

/** That gRPC's standard health protocol (grpc.health.v1) says SERVING. */
export interface GrpcCheck {
  readonly kind: 'grpc';
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** '': the server as a whole. */
  readonly service: string;
  readonly tls: boolean;
}

/** That it says in time that it lives. */
export interface HeartbeatCheck {
  readonly kind: 'heartbeat';
  /** The file that it changes, absolute; null: it writes to the socket in LIFEGUARD_BEAT. */
  readonly file: string | null;
  readonly withinMs: number;
  /** Between two looks. */
  readonly everyMs: number;
}

export interface LogPolicy {
  readonly directory: string;
  readonly maxSizeBytes: number;
  readonly retainMs: number;
  readonly compress: boolean;
  /** Of rotated files, all together per app; null: no cap. */
  readonly maxTotalBytes: number | null;
  /** Files beside PM2's own that the app writes by itself, absolute. */
  readonly files: readonly string[];
}
