import pg from 'pg';
import { meansConnectionLost } from './failure.ts';

export interface PoolSettings {
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/** A hung server is told from a slow one by a query that costs it nothing. */
const PING: pg.QueryConfig & { query_timeout: number } = { text: 'SELECT 1', query_timeout: 1_000 };

/** The server gives a query up at its time limit; only one that does not answer at all meets the client's own limit, later by this, in ms. */
const CLIENT_LIMIT_AFTER_SERVER_MS = 500;

/** Connections that are tested before they are handed out (SQLAlchemy's `pool_pre_ping`). The caller lets in no more than `poolSize`. */
export class ConnectionPool {
  readonly #pool: pg.Pool;
  readonly #size: number;

  constructor(url: string, { poolSize, connectTimeoutMs, queryTimeoutMs }: PoolSettings) {
    this.#size = poolSize;
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: 'reference-backend',
      max: poolSize,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      statement_timeout: queryTimeoutMs,
      query_timeout: queryTimeoutMs + CLIENT_LIMIT_AFTER_SERVER_MS,
    });
    // A connection that the server ends while it is idle has been dropped by pg already; one that is in use, between two queries,
    // emits its error with no other listener, and would end the process. Its next query fails.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * A connection that has just answered. Broken ones are dropped on the way; as many as there may be, then a new one is opened.
   * @throws Error when none can be opened, or when one does not answer in time: then the others would not either.
   */
  async checkOut(): Promise<pg.PoolClient> {
    for (let dropped = 0; ; dropped++) {
      const client = await this.#pool.connect();
      try {
        await client.query(PING);
        return client;
      } catch (error) {
        client.release(true);
        if (!isBroken(error) || dropped >= this.#size) throw error;
      }
    }
  }

  /** Drops what is idle at once and the rest when it comes back. Waits for neither. */
  discard(): void {
    this.#pool.end().catch(() => undefined);
  }

  /** Resolves when every connection has been given back and closed. */
  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** The connection was cut, as opposed to: silent for too long. */
function isBroken(error: unknown): boolean {
  return meansConnectionLost(error) && !(error instanceof Error && error.message === 'Query read timeout');
}
