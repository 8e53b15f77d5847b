import type { QueryResultRow } from 'pg';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../config.ts';
import { DatabaseUnavailable, describeFailure, meansConnectionLost, meansTimeout, meansTooManyConnections } from './failure.ts';
import { Limiter } from './limiter.ts';
import { ConnectionPool } from './pool.ts';
import { Probe } from './probe.ts';
import { retryDelayMs, startupTries } from './retry.ts';
import { databaseUrl } from './url.ts';

/**
 * PostgreSQL as the backend sees it: up or down. While it is down no query is tried: each fails at once, and one connection at a
 * time, at growing intervals, finds out when the database is back. A health check finds that out too, whenever it is asked.
 */
export class Database {
  readonly #config: DatabaseConfig;
  readonly #schema: readonly string[];
  readonly #log: Logger;
  readonly #limiter: Limiter;
  readonly #probe: Probe;
  #pool: { readonly url: string; readonly connections: ConnectionPool } | null = null;
  #state: 'starting' | 'up' | 'down' = 'starting';
  #wasUp = false;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;
  #retryAt = 0;
  #checking: Promise<void> | null = null;
  #closed = false;

  /** @param schema idempotent statements, run each time that the database has come up. */
  constructor(config: DatabaseConfig, schema: readonly string[], log: Logger) {
    this.#config = config;
    this.#schema = schema;
    this.#log = log;
    this.#limiter = new Limiter(config.poolSize, config.queueLimit);
    this.#probe = new Probe(config.checkTimeoutMs);
  }

  /** The first try, and all that follow by themselves until {@link close}. Resolves after the first, whatever came of it. */
  async connect(): Promise<void> {
    await this.#tryAgain();
  }

  /**
   * Asks the database a real question. One at a time: whoever asks meanwhile gets the same answer.
   * @throws Error when it does not answer within `checkTimeoutMs`.
   */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Runs one statement, which is a transaction of its own. @throws DatabaseUnavailable, or pg's DatabaseError for a statement that is at fault. */
  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#state !== 'up') throw this.#unavailable();
    await this.#limiter.enter(this.#config.queueTimeoutMs, () => busy('every connection is in use'));
    try {
      return await this.#run<Row>(text, values);
    } finally {
      this.#limiter.leave();
    }
  }

  /** Waits for the queries under way, but no longer than `withinMs`. */
  async close(withinMs = 1_000): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#probe.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#pool?.connections.end(), late]);
    clearTimeout(timer);
  }

  async #run<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const pool = this.#pool;
    if (this.#state !== 'up' || !pool) throw this.#unavailable();
    const client = await pool.connections.checkOut().catch((error: unknown) => {
      if (meansTooManyConnections(error)) throw busy('the server has no connection left', error);
      this.#wentDown(error);
      throw this.#unavailable(error);
    });
    let broken = false;
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      broken = meansConnectionLost(error);
      if (meansTimeout(error)) throw new DatabaseUnavailable('timeout', 'the query took too long', 1_000, error);
      if (!broken) throw error;
      this.check().catch(() => undefined);
      throw new DatabaseUnavailable('lost', 'the connection to the database was lost', 1_000, error);
    } finally {
      client.release(broken);
    }
  }

  async #check(): Promise<void> {
    try {
      const url = databaseUrl(this.#config);
      await this.#probe.run(url, this.#state === 'up' ? ['SELECT 1'] : ['SELECT 1', ...this.#schema]);
      if (!this.#closed) this.#cameUp(url);
    } catch (error) {
      this.#wentDown(error);
      throw error;
    }
  }

  #cameUp(url: string): void {
    if (this.#pool?.url !== url) {
      this.#pool?.connections.discard();
      this.#pool = { url, connections: new ConnectionPool(url, this.#config) };
    }
    if (this.#state === 'up') return;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#state = 'up';
    this.#wasUp = true;
    this.#failures = 0;
    this.#log.info('database is up');
  }

  #wentDown(error: unknown): void {
    if (this.#state !== 'up' || this.#closed) return;
    this.#state = 'down';
    this.#log.error({ err: error }, `database is down: ${describeFailure(error)}`);
    this.#pool?.connections.discard();
    this.#pool = null;
    this.#limiter.refuseWaiting(this.#unavailable(error));
    this.#retryLater();
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      if (!this.#closed && this.#state !== 'up') this.#failedAgain(error);
    }
  }

  #failedAgain(error: unknown): void {
    this.#failures += 1;
    const delayMs = this.#retryLater();
    const tries = startupTries(this.#config);
    if (this.#wasUp || this.#failures > tries) return;
    const what = `database initialisation, try ${this.#failures} of ${tries}: ${describeFailure(error)}`;
    if (this.#failures < tries) this.#log.warn(`${what}; next in ${delayMs} ms`);
    else this.#log.error(`${what}; serving without the database (degraded), and trying on every ${delayMs} ms`);
  }

  #retryLater(): number {
    if (this.#retry) clearTimeout(this.#retry);
    const delayMs = retryDelayMs(Math.max(1, this.#failures), this.#wasUp, this.#config);
    this.#retryAt = performance.now() + delayMs;
    this.#retry = setTimeout(() => void this.#tryAgain(), delayMs);
    return delayMs;
  }

  #unavailable(cause?: unknown): DatabaseUnavailable {
    const waitMs = Math.max(0, this.#retryAt - performance.now());
    const message = this.#wasUp ? 'the database is down' : 'the database has not come up yet';
    return new DatabaseUnavailable('down', message, waitMs, cause);
  }
}

function busy(message: string, cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable('busy', message, 1_000, cause);
}
