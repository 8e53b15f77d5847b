import type { CheckTarget } from '../config/resolved.ts';
import type { Host } from '../host/host.ts';
import type { Answer } from '../policy/observation.ts';
import { checkTarget } from './check.ts';
import { runCommand } from './command/run-command.ts';
import { beatFile } from './heartbeat/beat-file.ts';
import { beatListener } from './heartbeat/beat-listener.ts';
import { Paced } from './paced.ts';
import { targetOf } from './target.ts';

/** One check of one backend, with what it keeps from one time to the next. */
export interface Check {
  /** It is made more seldom than it is asked for, and need not be waited for: it tells what it found when it is asked again. */
  readonly isPaced: boolean;
  /**
   * Asks now. Never rejects, resolves within the deadline.
   * @param incarnation what was seen of another one does not speak for this one
   */
  ask(deadlineMs: number, incarnation: string): Promise<Answer>;
  /** Lets go of what it holds. */
  close(): void;
}

/** What checks need of the machine. */
export interface CheckPlace {
  readonly host: Host;
  /** Where the heartbeats of this backend are heard, see beatSocket. */
  readonly beatPath: string;
}

/** @throws TypeError for what the configuration's schema would not have taken */
export function openCheck(asked: CheckTarget, { host, beatPath }: CheckPlace): Check {
  if (asked.kind === 'heartbeat') return asked.file === null ? beatListener(beatPath, asked) : beatFile(asked.file, asked);
  if (asked.kind === 'command') return new Paced(() => runCommand(asked, host), asked.everyMs);
  const target = targetOf(asked);
  return { isPaced: false, ask: (deadlineMs) => checkTarget(target, deadlineMs), close: () => {} };
}
