import type { Policy } from '../policy/policy.ts';

/**
 * The configuration as lifeguard gets it from the launcher: validated, paths absolute, units inside (ms, bytes).
 * Plain JSON, so that lifeguard loads neither zod nor yaml. It lies in PM2_HOME/lifeguard/config.json, mode 0600.
 */
export interface WatchConfig {
  readonly version: 1;
  /** The ecosystem file, and backend.yaml if there is one. */
  readonly files: readonly string[];
  /** Where incidents.jsonl and evidence go: the logs directory beside the ecosystem file. */
  readonly logsDirectory: string;
  readonly backends: readonly WatchedBackend[];
  /** Apps beside the backends whose logs are rotated too (lifeguard, database): by PM2 name. */
  readonly companions: readonly { readonly name: string; readonly logs: LogPolicy }[];
  readonly alerts: readonly unknown[];
  readonly dashboard: { readonly host: string; readonly port: number | null; readonly token: string | null };
}

export interface WatchedBackend {
  readonly name: string;
  readonly port: number | null;
  readonly targets: {
    /** Full `http://`, `https://` or `tcp://` URL. null: nothing to check (no port, no URL): only crashes are seen. */
    readonly liveness: string | null;
    readonly readiness: string | null;
  };
  readonly policy: Policy;
  readonly killTimeoutMs: number;
  /** What lifeguard checks itself; secrets may be in `check`: never log it whole. */
  readonly dependencies: readonly { readonly name: string; readonly check: string; readonly field: string | null }[];
  readonly logs: LogPolicy;
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
