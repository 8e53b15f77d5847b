import { redactCommand } from '../../host/command-line.ts';
import { apart, type Desk, type Watched } from '../watched.ts';
import type { Waiting } from './at-gate.ts';

/** The commands before a start, of one process that waits. */
interface Preparing {
  readonly incarnation: string;
  /** So many of them have ended well. */
  done: number;
  isFailed: boolean;
  cancel(): void;
}

/** Runs what is to be run before a start, one command after the other, each once. */
export interface Preparations {
  /** Goes on with it. True: all is done. */
  areDone(watched: Watched, waiting: Waiting): boolean;
  /** Ends what is run for processes that wait no longer. */
  endVain(): void;
  stop(): void;
}

export function preparationsOf(desk: Desk): Preparations {
  const { gates, log, pm2 } = desk.ports;
  const preparing = new Map<Watched, Preparing>();

  function begin(watched: Watched, { incarnation, gate }: Waiting): Preparing {
    const begun: Preparing = { incarnation, done: 0, isFailed: false, cancel: () => {} };
    preparing.set(watched, begun);
    apart(desk, watched, () => runAll(watched, begun, gate));
    return begun;
  }

  async function runAll(watched: Watched, run: Preparing, gate: string): Promise<void> {
    if (watched.config.before.length > 0) await gates.endEarlier(gate);
    const pmId = Number(run.incarnation.split('@')[0]);
    const process = (await pm2.list()).find((one) => one.pmId === pmId);
    for (const command of watched.config.before) {
      const shown = redactCommand([command.program, ...command.args]);
      say(watched, run, `runs ${shown} before its start`);
      const { failure, lastLines, cancel } = gates.before(gate, command, (process?.env.env ?? {}) as Record<string, string>);
      run.cancel = cancel;
      const why = await failure;
      if (!isWanted(watched, run)) return;
      if (why !== null) {
        const lines = lastLines();
        log(`${watched.config.name}: ${shown} ${why}\n${lines.map((line) => `  ${line}`).join('\n')}`);
        fail(watched, run, `${shown}, to be run before its start, ${why}.`, lines);
        return;
      }
      log(`${watched.config.name}: ${shown} ended well`);
      run.done += 1;
    }
  }

  function fail(watched: Watched, run: Preparing, text: string, lines: readonly string[]): void {
    run.isFailed = true;
    const { waiting, picture } = watched;
    const errorFile = picture.find(({ gate }) => gate !== null)?.errorFile;
    if (errorFile !== undefined) gates.tellLog(errorFile, [text, ...lines]);
    desk.tell(watched, { type: 'start-failed', text, again: waiting === null || !gates.isAsked(waiting.gate) });
  }

  function isWanted({ waiting }: Watched, run: Preparing): boolean {
    return waiting?.incarnation === run.incarnation;
  }

  function say(watched: Watched, run: Preparing, forWhat: string): void {
    if (watched.waiting !== null && isWanted(watched, run)) watched.waiting = { ...watched.waiting, forWhat };
  }

  return {
    areDone(watched, waiting) {
      const known = preparing.get(watched);
      const run = known?.incarnation === waiting.incarnation ? known : begin(watched, waiting);
      return run.done === watched.config.before.length;
    },
    endVain() {
      for (const [watched, run] of preparing) {
        if (isWanted(watched, run)) continue;
        run.cancel();
        preparing.delete(watched);
      }
    },
    stop() {
      for (const { cancel } of preparing.values()) cancel();
    },
  };
}
