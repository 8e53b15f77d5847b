import pg from 'pg';

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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the database did not answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    });
    try {
      await Promise.race([this.#ask(url, statements), late]);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    const client = this.#client;
    this.#client = null;
    if (client) destroy(client);
  }

  async #ask(url: string, statements: readonly string[]): Promise<void> {
    if (url !== this.#url) this.close();
    this.#url = url;
    const client = this.#client ?? (await this.#connect(url));
    for (const statement of statements) await client.query(statement);
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

/** Ends a connection without waiting for a server that may never answer: `end` says goodbye and waits for the server's. */
function destroy(client: pg.Client): void {
  client.end().catch(() => undefined);
  client.connection.stream.destroy();
}
