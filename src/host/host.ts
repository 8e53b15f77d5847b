import type { FileId } from './file-id.ts';
import type { ProcessTable } from './processes/process-row.ts';

/**
 * What is asked of the operating system, in two makings: from /proc (linux/), and by `ps` and `lsof` (portable/). Everywhere null means
 * 'it can't be told': it is never an answer, and whoever asks takes the careful way.
 */
export interface Host {
  /** Which making this is. */
  readonly by: 'proc' | 'ps';

  /** All processes that this user may see. @throws HostError when they can't be listed */
  processes(): Promise<ProcessTable>;
  /** Those of `pids` that there are; a dead one that is not reaped yet has the state Z. @throws HostError when it can't be told */
  rowsOf(pids: readonly number[]): Promise<ProcessTable>;
  /** Whether two start times of one pid are those of one process: `ps` tells them to the second, and not always the same. */
  isSameStart(a: number, b: number): boolean;
  /** Its program and arguments. */
  argumentsOf(pid: number): Promise<readonly string[] | null>;
  /** The environment that it was started with; a variable of which it can't be told is left out. */
  environmentOf(pid: number): Promise<ReadonlyMap<string, string> | null>;
  /** The same of many in one go; without those of which it can't be told. */
  environmentsOf(pids: readonly number[]): Promise<ReadonlyMap<number, ReadonlyMap<string, string>>>;

  /** Who listens on a TCP port, on any address, IPv4 or IPv6; `first` are looked at before all others. null: nobody, as far as can be told. */
  listenersOn(port: number, first: readonly number[]): Promise<Listeners | null>;
  /** The TCP ports that these processes themselves listen on. */
  listeningPortsOf(pids: readonly number[]): Promise<readonly number[] | null>;

  /**
   * The processes that take connections on a port, of these processes and all below them, and the parents of such; none where a backend is
   * one process alone, or it can't be told. Who they are is looked up seldom, how they are with {@link lookAtWorkers}. `pids`: what PM2
   * started; several are workers of its cluster, which take connections without listening.
   */
  portWorkersOf(
    asked: readonly { readonly port: number | null; readonly pids: readonly number[] }[],
  ): Promise<readonly (readonly PortWorker[])[]>;
  /** The same workers, looked at again: how they are. One that has ended, or whose pid is another process by now, is left out. */
  lookAtWorkers(workers: readonly PortWorker[]): Promise<readonly PortWorker[]>;

  /** Resident memory of each process that could be looked at, bytes. */
  residentBytesOf(pids: readonly number[]): Promise<ReadonlyMap<number, number> | null>;
  /** Memory of all of them together, each page divided by its users: six times the work. null: of one of them it can't be told. */
  exactBytesOf(pids: readonly number[]): Promise<number | null>;
  /** How many files, sockets and pipes they have open together. */
  descriptorsOf(pids: readonly number[]): Promise<number | null>;
  /** How often the kernel's OOM killer has struck in this process's cgroup, which PM2's apps share. */
  oomKills(): number | null;

  /** The regular files that each process has open: none for one that is gone, null for one that may not be looked into. */
  openFilesOf(pids: readonly number[]): Promise<ReadonlyMap<number, OpenFiles>>;
  /** The processes that write to a file, of those that may be looked into; without this one. */
  writersOf(path: string): Promise<readonly Writer[] | null>;
  /** The processes that its main thread started and that there are, synchronously: some µs. */
  childrenOf(pid: number): readonly number[] | null;
  /** How long ago it was started, synchronously. */
  ageMsOf(pid: number): number | null;
  /** See {@link SleepWatch}. Threads that start later are not seen: open a new one now and then. */
  watchSleep(pid: number): SleepWatch | null;
  /** A mark that changes whenever the thread that calls this was put off the processor against its will. */
  preemptions(): string | null;
}

export interface Listeners {
  /** Empty: processes of another user, or in a container that shares this network. */
  readonly pids: readonly number[];
  /** Of the user who opened the socket; null: not known. */
  readonly uid: number | null;
}

/** One of the processes that take connections on a port, or, `parent`, what PM2 started and has such below it. */
export interface PortWorker {
  readonly role: 'worker' | 'parent';
  readonly pid: number;
  /** Ticks since boot, as in a ProcessRow: with the pid it tells this process from a later one. */
  readonly startTime: number;
  /** The kernel's letter: R, S, D (stuck in the kernel), T (stopped). */
  readonly state: string;
  /** Processor time so far, ms: of one that spins it grows by all of the time. */
  readonly cpuMs: number;
  /** The sockets that it listens on. */
  readonly inodes: readonly string[];
  /** Connections that wait in these to be accepted. */
  readonly waiting: number;
  /** Others listen on the same socket: what waits there waits for any of them. With SO_REUSEPORT each has one of its own. */
  readonly shared: boolean;
}

/** null: not known. */
export type OpenFiles = ReadonlySet<FileId> | null;

/** A process that has a file open for writing. */
export interface Writer {
  readonly pid: number;
  /** It appends (O_APPEND): the file may be truncated under it. */
  readonly appends: boolean;
}

/** Watches whether a process has nothing in hand: all of its threads asleep at one moment. */
export interface SleepWatch {
  /** A process that has ended counts as asleep: it has nothing in hand any more. */
  asleep(): boolean;
  /** A mark that changes whenever the main thread has run; null when the process is gone. */
  mark(): string | null;
  close(): void;
}
