import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { SleepWatch } from '../host.ts';
import { pidExists } from '../processes/is-alive.ts';

/** Of a process that is gone. */
const GONE: SleepWatch = { asleep: () => true, mark: () => null, close: () => undefined };

/** See Host.watchSleep: null: there is no /proc of it that tells. */
export function watchSleep(pid: number): SleepWatch | null {
  return ThreadWatch.open(pid) ?? (pidExists(pid) ? null : GONE);
}

/**
 * Watches whether a process has nothing in hand: all of its threads asleep at one moment.
 *
 * For PM2's daemon (and for a cluster worker, which writes its own log) this proves that no line is on its way to a file. Node's write
 * stream has lines waiting only while one write is under way in a thread of the pool, and that thread runs (R) or waits for the
 * disk (D). Once it is done it wakes the main thread, which then runs too. So: when the main thread slept from before the first
 * look at the other threads until after the last one (its count of context switches tells) and each of them was asleep when looked at,
 * nothing was in hand in between.
 */
class ThreadWatch implements SleepWatch {
  readonly #main: number;
  readonly #others: readonly number[];

  private constructor(main: number, others: readonly number[]) {
    this.#main = main;
    this.#others = others;
  }

  static open(pid: number): ThreadWatch | null {
    const opened: number[] = [];
    try {
      const main = openSync(`/proc/${pid}/task/${pid}/status`, 'r');
      opened.push(main);
      for (const tid of readdirSync(`/proc/${pid}/task`)) {
        if (Number(tid) !== pid) opened.push(openSync(`/proc/${pid}/task/${tid}/stat`, 'r'));
      }
      return new ThreadWatch(main, opened.slice(1));
    } catch {
      for (const fd of opened) closeSync(fd);
      return null;
    }
  }

  /** About 40 µs. */
  asleep(): boolean {
    const before = mainState(this.#main);
    if (before === null) return true;
    if (!before.asleep || !this.#others.every(threadAsleep)) return false;
    const after = mainState(this.#main);
    return after === null || (after.asleep && after.switches === before.switches);
  }

  mark(): string | null {
    const state = mainState(this.#main);
    return state && `${state.asleep} ${state.switches}`;
  }

  close(): void {
    closeSync(this.#main);
    for (const fd of this.#others) closeSync(fd);
  }
}

/** See Host.preemptions. */
export function preemptions(): string | null {
  try {
    const text = readFileSync('/proc/thread-self/status', 'latin1');
    return text.slice(text.indexOf('\nnonvoluntary_ctxt_switches:'));
  } catch {
    return null;
  }
}

const scratch = Buffer.alloc(4096);
const SWITCHES = '\nvoluntary_ctxt_switches:';

function mainState(fd: number): { asleep: boolean; switches: string } | null {
  const text = readProc(fd);
  if (text === null) return null;
  const state = text.indexOf('\nState:\t');
  return { asleep: text[state + 8] === 'S', switches: text.slice(text.indexOf(SWITCHES)) };
}

/** The state is the field after the command in brackets, which may itself contain brackets. */
function threadAsleep(fd: number): boolean {
  const text = readProc(fd);
  return text === null || text[text.lastIndexOf(')') + 2] === 'S';
}

/** null: the thread or process has ended (ESRCH). */
function readProc(fd: number): string | null {
  try {
    return scratch.toString('latin1', 0, readSync(fd, scratch, 0, scratch.length, 0));
  } catch {
    return null;
  }
}
