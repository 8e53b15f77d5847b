import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { meansConnectionLost } from './failure.ts';

/**
 * One connection of its own, for the question whether the database answers: a pool whose connections are all busy is not a
 * database that is down, and the answer must not wait behind them. A connection that once failed to answer is never used again.
 */
export class Probe {
  readonly #timeoutMs: number;
  #client: pg.Client | null = null;
  #url = '';

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Runs the statements in turn, within the time limit for all of them together. @throws Error when one fails or the time is over. */
  async run(url: string, statements: readonly string[]): Promise<void> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    const late = new Promise<never>((_, reject) => {
      // An answer that came while we were too busy to look still counts.
      const error = new Error(`the database did not answer within ${this.#timeoutMs} ms`);
      limit.onabort = () => void nextTurn().then(() => nextTurn().then(() => reject(error)));
    });
    try {
      await Promise.race([this.#ask(url, statements, limit), late]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const client = this.#client;
    this.#client = null;
    if (client) destroy(client);
  }

  async #ask(url: string, statements: readonly string[], limit: AbortSignal): Promise<void> {
    if (url !== this.#url) this.close();
    this.#url = url;
    const kept = this.#client;
    try {
      await runAll(kept ?? (await this.#connect(url)), statements);
    } catch (error) {
      if (!kept || limit.aborted || !meansConnectionLost(error)) throw error;
      // Cut since it was last used: that says nothing of a new one.
      await runAll(await this.#connect(url), statements);
    }
  }

  async #connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: 'reference-backend check', keepAlive: true });
    this.#client = client;
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    await client.connect();
    return client;
  }
}

async function runAll(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** Ends a connection without waiting for a server that may never answer: `end` says goodbye and waits for the server's. */
function destroy(client: pg.Client): void {
  client.end().catch(() => undefined);
  client.connection.stream.destroy();
}
