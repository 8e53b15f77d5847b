import type { AlarmClock } from '../clock/clock.ts';
import type { BeforeCommand, StopSignal, WatchedBackend } from '../config/resolved.ts';
import type { BeforeRun } from '../health/command/run-before.ts';
import type { PortWorker } from '../host/host.ts';
import type { Pm2Client } from '../pm2/types.ts';
import type { JournalEntry } from '../policy/action.ts';
import type { ExitInfo, PortHolder, WorkerId } from '../policy/event.ts';
import type { Answer, Observation } from '../policy/observation.ts';
import type { Cause } from '../policy/policy.ts';
import type { StateStore } from './store.ts';

/** Everything by which the supervisor touches the world. Real only in probes/wiring.ts. */
export interface Ports {
  readonly clock: AlarmClock;
  readonly pm2: Pm2Client;
  readonly health: {
    /** One round of a backend's checks, which keep nothing from one incarnation to the next. Ends within the deadline. */
    check(
      targets: WatchedBackend['targets'],
      deadlineMs: number,
      incarnation: string,
    ): Promise<{ liveness: Answer; readiness: Answer | null }>;
    /** Whether a dependency answers. `detail` holds no secret. */
    dependency(check: string, deadlineMs: number): Promise<{ up: boolean; detail: string }>;
  };
  readonly host: {
    /**
     * Who holds the port though none of `ownPids` (and their children) does; null: nobody. `earlier`: it was there before all of these, so
     * that none of them can have started it.
     */
    holderOf(
      port: number,
      backend: string,
      ownPids: readonly number[],
    ): Promise<(PortHolder & { readonly earlier: boolean }) | null>;
    /** Ends a process of ours that PM2 lost, by its marker checked anew. */
    endOrphan(holder: PortHolder, backend: string): Promise<void>;
    /**
     * Ends what this backend's earlier processes have left behind, see leftBehind in src/host/orphans. Resolves when none is left, with
     * whether there was any; never rejects.
     */
    endLeftBehind(backend: string): Promise<boolean>;
    /** See src/host: who takes connections on the port of each of these, and how such workers are now. Never reject. */
    portWorkersOf(
      asked: readonly { readonly port: number | null; readonly pids: readonly number[] }[],
    ): Promise<readonly (readonly PortWorker[])[]>;
    lookAtWorkers(workers: readonly PortWorker[]): Promise<readonly PortWorker[]>;
    /** A signal to this process alone, as its parent's it ends its workers; after `withinMs` the whole tree is killed. Resolves when it is over. */
    endGracefully(pid: number, signal: StopSignal, withinMs: number): Promise<void>;
    /** Lets those of the process's tree go on that were stopped (SIGSTOP), to hear that they are to end. Never rejects. */
    wake(pid: number): Promise<void>;
    /** SIGKILL to one worker and what is below it, if it is still that process. */
    endWorker(worker: WorkerId): Promise<void>;
    /** SIGKILL to the process and all its descendants; returns how many were there. */
    killTree(pid: number): Promise<number>;
    /** Memory of several backends' processes with all their descendants, bytes; exact where it may be over the limit; null: not known. */
    memoryOf(
      trees: readonly { readonly pids: readonly number[]; readonly limitBytes: number }[],
    ): Promise<readonly (number | null)[]>;
    /** Processor time of several backends' processes with all their descendants, ms, of ended children too; null: not known. */
    cpuOf(trees: readonly (readonly number[])[]): Promise<readonly (number | null)[]>;
    /** Why a process of PM2's ended, as far as it can be known. `startedAt`: wall clock, ms. */
    exitInfo(process: {
      readonly name: string;
      readonly pmId: number;
      readonly startedAt: number;
      readonly exitCode: number | null;
      readonly errorFile: string;
    }): Promise<ExitInfo>;
  };
  /** Where the start of a backend waits, by the gate's file. `open` and `close` throw an error of node:fs. */
  readonly gates: {
    /** It was opened in the life of the daemon that runs. */
    isOpen(gate: string): boolean;
    open(gate: string): void;
    /** The next start is an operator's, and waits. */
    close(gate: string): void;
    /** When the job of this gate ended well: in the life of the daemon that runs, or of one before it. */
    record(gate: string): 'now' | 'before' | 'never';
    /** Closed, and an operator asked for the start; false: a boot did. */
    isAsked(gate: string): boolean;
    /** Runs a command before a start, in the environment that PM2 gives the backend. */
    before(gate: string, command: BeforeCommand, env: Readonly<Record<string, string>>): BeforeRun;
    /** Ends what a lifeguard that was killed had begun to run before this start: it must not be run twice at one time. */
    endEarlier(gate: string): Promise<void>;
    /** Adds lines to a backend's error log. */
    tellLog(errorFile: string, lines: readonly string[]): void;
    /** An operator's start or stop is at work: this lifeguard may not know yet what it is to go by. */
    isLaunching(): boolean;
  };
  readonly evidence: {
    /**
     * What is known of a backend is set down before its process is touched. Resolves within 500 ms, at once where there is nothing to look at.
     * Never rejects.
     */
    before(backend: string, cause: Cause): Promise<void>;
  };
  readonly journal: { write(backend: string, entry: JournalEntry): void };
  readonly store: StateStore;
  /** Any integer: decides the jitter of backoffs, nothing else. */
  readonly seed: number;
  /** Where every event and what was decided upon it is recorded, to be replayed; null: nowhere. One line of JSON at a time. */
  readonly record: ((line: string) => void) | null;
  /** Is told what each check found, for those who count; it must be quick, and not throw. */
  readonly onCheck?: (backend: string, observation: Observation) => void;
  /** What a drill holds a backend's memory to just now, bytes; null: nothing else than is configured. */
  readonly memoryLimitOf?: (backend: string) => Promise<number | null>;
  /** Lifeguard's own log: one line for people. */
  readonly log: (text: string) => void;
}
