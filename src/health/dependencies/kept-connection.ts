import { redactUrls } from '../../units/redact-urls.ts';
import { startDeadline } from '../deadline.ts';
import type { DependencyAnswer } from '../dependency-answer.ts';

/** A connection to a dependency, in the hands of its client. */
export interface Connection {
  /** One round trip that makes the server work. Rejects when it failed. @returns what somebody should know though it answers, or null */
  ask(): Promise<string | null>;
  /** The other side, or the way to it, is gone. */
  isBroken(): boolean;
  /** Closes it at once. */
  destroy(): void;
}

/** Makes a connection. Rejects when that failed, or as soon as it is told to give up; nothing is left of it then. */
export type Connect = (giveUp: AbortSignal) => Promise<Connection>;

export interface DependencyProbe {
  /** Asks now. Never rejects. null: our own event loop was late, so that the answer says nothing. */
  check(deadlineMs: number): Promise<DependencyAnswer | null>;
  close(): void;
}

/** The npm package that speaks with it is not there: nothing can be said of the dependency. */
export class MissingClient extends Error {}

/**
 * A check over one connection that is kept: a new one for each check would cost many servers a process or a log line each time. It is made anew
 * when it breaks; at the deadline it is closed, as what hangs may hang for ever.
 */
export function keptConnection(connect: Connect): DependencyProbe {
  let kept: Connection | null = null;

  function drop(connection: Connection | null): void {
    connection?.destroy();
    if (kept === connection) kept = null;
  }
  async function roundTrip(giveUp: AbortSignal): Promise<string | null> {
    if (kept?.isBroken()) drop(kept);
    const before = kept;
    const connection = before ?? (await connect(giveUp));
    kept = connection;
    if (giveUp.aborted) drop(connection);
    giveUp.addEventListener('abort', () => drop(connection));
    try {
      return await connection.ask();
    } catch (error) {
      const lost = connection.isBroken() && !giveUp.aborted;
      drop(connection);
      if (before === null || !lost) throw error;
      return roundTrip(giveUp); // Lost since the last check (a restart of the server): ask the server that is there now.
    }
  }
  return {
    check: (deadlineMs) => within(deadlineMs, roundTrip),
    close: () => drop(kept),
  };
}

function within(
  deadlineMs: number,
  roundTrip: (giveUp: AbortSignal) => Promise<string | null>,
): Promise<DependencyAnswer | null> {
  const controller = new AbortController();
  return new Promise((resolve) => {
    const cancel = startDeadline(deadlineMs, (late) => {
      controller.abort();
      resolve(late ? null : { up: false, detail: `no answer within ${deadlineMs} ms` });
    });
    roundTrip(controller.signal)
      .then(
        (remark) => resolve({ up: true, detail: remark === null ? 'answers' : `answers, but ${remark}` }),
        // What nobody can ask counts as up, as what nobody checks does.
        (error: unknown) => resolve({ up: error instanceof MissingClient, detail: describe(error) }),
      )
      .finally(cancel);
  });
}

function describe(error: unknown): string {
  const { message, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error), code: undefined };
  // Several addresses that all refuse come as one error without a message.
  return redactUrls(message || String(code ?? 'failed')).slice(0, 300);
}
