import pg from 'pg';

/** The database cannot be used now; the request is answered 503 with Retry-After. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly reason: 'down' | 'busy' | 'lost' | 'timeout';
  readonly retryAfterMs: number;

  constructor(reason: DatabaseUnavailable['reason'], message: string, retryAfterMs: number, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** SQLSTATE of an error that the server answered with, or null: the connection itself failed. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** Connection exceptions, and the server being shut down, crashed or still starting. */
export function meansConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  return state === null || state.startsWith('08') || state.startsWith('57P');
}

/** The server has no connection left for us: it is up, and busy. */
export function meansTooManyConnections(error: unknown): boolean {
  return sqlState(error) === '53300';
}

/** `statement_timeout` or `lock_timeout` ended the query. */
export function meansTimeout(error: unknown): boolean {
  return sqlState(error) === '57014' || sqlState(error) === '55P03';
}

/** One line for people. Node reports a refused `localhost` as an AggregateError without a message. */
export function describeFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
