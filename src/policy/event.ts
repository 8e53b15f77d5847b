import type { Observation } from './observation.ts';

/** One process between two starts, by what tells it apart from every other: `pid@start-time`, several instances joined by `+`. */
export type Incarnation = string;

/** Who holds the backend's port though none of its processes does. */
export interface PortHolder {
  readonly kind: 'stranger' | 'orphan';
  /** null: a process of another user, whose pid the kernel does not tell. */
  readonly pid: number | null;
  readonly command: string;
}

/** Why a process ended, as far as it can be known. */
export interface ExitInfo {
  readonly code: number | null;
  readonly signal: string | null;
  /** The kernel's OOM killer did it. */
  readonly oom: boolean;
  /** The last line that it wrote to its error log, or null. */
  readonly lastError: string | null;
}

/** What PM2 says an app's processes are: its own `status` words, reduced to what matters here. */
export type Pm2Status = 'online' | 'launching' | 'stopping' | 'stopped' | 'waiting restart' | 'errored' | 'absent';

/**
 * A fact, with the time it became known given beside it (`now`). Events record; they never say what to do.
 */
export type Event =
  | { readonly type: 'check'; readonly observation: Observation }
  /** A new process is up: by PM2's bus, or found at the start of lifeguard. `startedAt`: monotonic ms, may be negative. */
  | { readonly type: 'online'; readonly incarnation: Incarnation; readonly startedAt: number }
  /** A process ended. `by`: an operator's own pm2 command, lifeguard's own action, or nobody asked. */
  | {
      readonly type: 'exit';
      readonly by: 'nobody' | 'operator' | 'lifeguard';
      readonly exit: ExitInfo;
      /** Which process ended, `pid@start-time`: an exit that is told twice, or late, is then known as old. Absent: the present one. */
      readonly incarnation?: Incarnation;
      /** Who holds the port in its place, looked up after an exit that nobody asked for. */
      readonly port: PortHolder | null;
      /** Of an app with several instances: how many others are online and serve on. Absent: none. */
      readonly othersOnline?: number;
    }
  /** PM2 says that the app is stopped (or deleted: `absent`), or gave up on it (`errored`). */
  | { readonly type: 'stopped'; readonly by: 'operator' | 'lifeguard' | 'pm2'; readonly status: Pm2Status }
  | { readonly type: 'dependency'; readonly name: string; readonly up: boolean; readonly detail: string }
  | { readonly type: 'memory'; readonly bytes: number }
  /** Who holds the port, looked at while blocked (null: it is free). */
  | { readonly type: 'port'; readonly holder: PortHolder | null }
  | { readonly type: 'command'; readonly command: Command }
  /** What became of an action of lifeguard's that drives PM2. A failed one is due again. */
  | { readonly type: 'performed'; readonly action: 'restart' | 'kill' | 'stop' | 'start'; readonly error: string | null }
  /** The fleet's word on restarts that checks ask for: wait until the others were looked at; hold, the cause is shared; or go on. */
  | { readonly type: 'fleet'; readonly word: FleetWord; readonly reason: string }
  | { readonly type: 'tick' };

export type FleetWord = 'wait' | 'hold' | 'go';

/** What an operator asks of lifeguard itself. `forMs`: how long the pause lasts. */
export type Command =
  | { readonly name: 'restart' }
  | { readonly name: 'pause'; readonly forMs: number }
  | { readonly name: 'resume' }
  | { readonly name: 'reset' };
