import type { Reason } from './action.ts';
import type { Observation } from './observation.ts';

/** One process between two starts, by what tells it apart from every other: `pm_id@start-time`. */
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

/**
 * What PM2 is known to do with one child. `up`: it runs. `stopping`: somebody asked PM2 to end it. `down`: it ended by itself, and PM2
 * will start it. `stopped`: PM2 was asked to end it, and leaves it so. `errored`: PM2 gave up on it. `waiting`: its launcher runs, and waits for
 * what its start depends on; it is `up` when it has become the program.
 */
export type ChildPhase = 'up' | 'waiting' | 'stopping' | 'down' | 'stopped' | 'errored';

/** One of the processes that PM2 runs for a backend, as it is known now. */
export interface SeenChild {
  readonly pmId: number;
  readonly incarnation: Incarnation;
  readonly phase: ChildPhase;
  /** Monotonic ms at which this incarnation began, or its waiting was over; may be negative. */
  readonly upAt: number;
  /** PM2 starts it anew at once when it ends by itself; false: only after a while, so that lifeguard comes first. */
  readonly eager: boolean;
  /** It is a job, and has ended well. */
  readonly completed?: boolean;
}

/** An incarnation that is over. `asked`: somebody had PM2 end it; else it ended by itself or was killed. */
export interface Ended {
  readonly pmId: number;
  readonly incarnation: Incarnation;
  readonly asked: boolean;
  readonly code: number | null;
}

/**
 * A fact, with the time it became known given beside it (`now`). Events record; they never say what to do.
 */
export type Event =
  | { readonly type: 'check'; readonly observation: Observation }
  /**
   * All the backend's children as they are known now; which incarnations ended since this was last told; and which children somebody had
   * PM2 stop by hand since then, by pm_id.
   */
  | {
      readonly type: 'processes';
      readonly children: readonly SeenChild[];
      readonly ended: readonly Ended[];
      readonly byHand: readonly number[];
    }
  /** PM2's list was read and the port looked at, both asked for at that time. */
  | { readonly type: 'looked'; readonly askedAt: number }
  /** Why an incarnation ended that nobody had asked to end. */
  | { readonly type: 'explained'; readonly incarnation: Incarnation; readonly exit: ExitInfo }
  | { readonly type: 'dependency'; readonly name: string; readonly up: boolean; readonly detail: string }
  | { readonly type: 'memory'; readonly bytes: number }
  /** What its processes take together, percent of one core; and for how long that has been `max_cpu` or more, 0: it is less. */
  | { readonly type: 'cpu'; readonly percent: number; readonly highForMs: number }
  /**
   * What had to be done before the start failed, while its launcher waited. `text`: what, a sentence. `again`: nobody is there to start it
   * again by hand.
   */
  | { readonly type: 'start-failed'; readonly text: string; readonly again: boolean }
  | { readonly type: 'worker'; readonly trouble: WorkerTrouble }
  /** Who holds the port; null: nobody, or one of its own processes. */
  | { readonly type: 'port'; readonly holder: PortHolder | null }
  | { readonly type: 'command'; readonly command: Command }
  /** What earlier processes had left behind has been ended: until now it may have answered in place of those that run. */
  | { readonly type: 'cleared' }
  /** PM2 is asked for the operation with this id now: until now it was only decided. */
  | { readonly type: 'asked'; readonly id: number }
  /** What became of the operation with this id. `late`: PM2 did not answer in time, and may still do it. */
  | { readonly type: 'performed'; readonly id: number; readonly error: string | null; readonly late?: boolean }
  /** The fleet's word on restarts that checks ask for: wait until the others were looked at; hold, the cause is shared; or go on. */
  | { readonly type: 'fleet'; readonly word: FleetWord; readonly reason: string }
  | { readonly type: 'tick' };

/** One of several processes that take connections on the port does not go on, or their parent; or, after one was ended, no other is made. */
export type WorkerTrouble =
  | {
      readonly is: 'frozen';
      readonly worker: WorkerId;
      /** Monotonic ms: since when, as far as it was looked at. */
      readonly since: number;
      /** As the end of a sentence that begins with "one of its workers", or "its parent process". */
      readonly text: string;
      /** How many take connections, with this one. */
      readonly among: number;
      /** PM2's own id, where PM2 started it; null: a process of the backend's did. */
      readonly pmId: number | null;
      /** It takes no connections, but makes those that do. */
      readonly isParent: boolean;
    }
  | { readonly is: 'not-replaced'; readonly worker: WorkerId };

/** A process by its pid and, against a later one of the same pid, its start time as the host tells it. */
export interface WorkerId {
  readonly pid: number;
  readonly startTime: number;
}

export type FleetWord = 'wait' | 'hold' | 'go';

/** What an operator asks of lifeguard itself. `forMs`: how long the pause lasts. */
export type Command =
  /** `reason`: why, where lifeguard itself asks for it; no restart of this kind is counted. */
  | { readonly name: 'restart'; readonly reason?: Reason }
  | { readonly name: 'pause'; readonly forMs: number }
  | { readonly name: 'resume' }
  | { readonly name: 'reset' };
