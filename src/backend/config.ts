import { resolve } from 'node:path';
import { EnvironmentReader } from './environment.ts';

/** What the backend is told by its environment. Durations in milliseconds, paths absolute. */
export interface BackendConfig {
  readonly host: string;
  readonly port: number;
  readonly environment: string;
  readonly apiVersion: string;
  /** Origins that browsers may call from; `['*']`: any. Empty: no CORS headers at all. */
  readonly corsOrigins: readonly string[];
  readonly logDirectory: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** From the first signal to the end at any price; below PM2's kill_timeout. */
  readonly shutdownTimeoutMs: number;
  readonly database: DatabaseConfig;
}

export interface DatabaseConfig {
  /** null: it is in `urlFile`, which the embedded server writes. */
  readonly url: string | null;
  readonly urlFile: string;
  readonly poolSize: number;
  /** Requests that may wait for a connection; more are answered 503 at once. */
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Of every query but the health check's. */
  readonly queryTimeoutMs: number;
  /** Of the health check's whole round trip, connecting included. */
  readonly checkTimeoutMs: number;
  /** Between the tries to initialise at start-up: one more try than there are delays. */
  readonly startupDelaysMs: readonly number[];
  /** After the start-up's tries, and whenever the connection is lost: doubled from the first to the second. */
  readonly reconnect: { readonly initialMs: number; readonly maxMs: number };
}

/** @throws EnvironmentError that lists every mistake. */
export function readConfig(env: NodeJS.ProcessEnv, directory = process.cwd()): BackendConfig {
  const read = new EnvironmentReader(env);
  const config: BackendConfig = {
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', 5555, { min: 0, max: 65_535 }),
    environment: read.text('APP_ENV', read.text('NODE_ENV', 'development')),
    apiVersion: read.text('API_VERSION', '1.0.0'),
    corsOrigins: corsOrigins(read),
    logDirectory: resolve(directory, read.text('LOG_DIR', 'logs')),
    logLevel: read.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'info'),
    shutdownTimeoutMs: read.duration('SHUTDOWN_TIMEOUT', '8s'),
    database: databaseConfig(read, directory),
  };
  read.finish();
  return config;
}

function databaseConfig(read: EnvironmentReader, directory: string): DatabaseConfig {
  const url = read.optional('DATABASE_URL');
  if (url !== null && !/^postgres(ql)?:\/\//.test(url)) read.reject('DATABASE_URL', 'postgres://USER:PASSWORD@HOST:PORT/NAME');
  return {
    url,
    urlFile: resolve(directory, read.text('DATABASE_URL_FILE', 'data/database-url')),
    poolSize: read.integer('DATABASE_POOL_SIZE', 10, { min: 1, max: 1_000 }),
    queueLimit: read.integer('DATABASE_QUEUE_LIMIT', 200, { min: 0, max: 100_000 }),
    queueTimeoutMs: read.duration('DATABASE_QUEUE_TIMEOUT', '2s'),
    connectTimeoutMs: read.duration('DATABASE_CONNECT_TIMEOUT', '1s'),
    queryTimeoutMs: read.duration('DATABASE_QUERY_TIMEOUT', '5s'),
    checkTimeoutMs: read.duration('DATABASE_CHECK_TIMEOUT', '1s'),
    startupDelaysMs: read.durations('DATABASE_STARTUP_DELAYS', '2s,4s,8s,16s'),
    reconnect: {
      initialMs: read.duration('DATABASE_RECONNECT_INITIAL', '250ms'),
      maxMs: read.duration('DATABASE_RECONNECT_MAX', '2s'),
    },
  };
}

function corsOrigins(read: EnvironmentReader): string[] {
  const origins = read.list('CORS_ORIGINS');
  const wrong = origins.filter((origin) => origin !== '*' && !/^https?:\/\/[^/\s]+$/.test(origin));
  if (wrong.length > 0) read.reject('CORS_ORIGINS', 'origins such as https://app.example.org, separated by commas, or *');
  return origins;
}
