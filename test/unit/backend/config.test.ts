import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/backend/config.ts';

test('the defaults, and paths from the working directory', () => {
  const { host, port, shutdownTimeoutMs, corsOrigins, logDirectory, database } = readConfig({ PORT: '' }, '/srv/app');
  assert.deepEqual(
    { host, port, shutdownTimeoutMs, corsOrigins },
    { host: '127.0.0.1', port: 5555, shutdownTimeoutMs: 8_000, corsOrigins: [] },
  );
  assert.deepEqual([logDirectory, database.urlFile, database.url], ['/srv/app/logs', '/srv/app/data/database-url', null]);
});

test('every mistake in one go, without the secret in a URL', () => {
  const env = {
    PORT: '80x',
    SHUTDOWN_TIMEOUT: 'soon',
    CORS_ORIGINS: 'app.example',
    DATABASE_URL: 'mysql://me:secret@host',
    LOG_LEVEL: 'loud',
  };
  assert.throws(
    () => readConfig(env),
    (error: Error & { problems: string[] }) => {
      assert.deepEqual(error.problems.sort(), [
        'CORS_ORIGINS="app.example": expected origins such as https://app.example.org, separated by commas, or *',
        'DATABASE_URL=…: expected postgres://USER:PASSWORD@HOST:PORT/NAME',
        'LOG_LEVEL="loud": expected one of trace, debug, info, warn, error, fatal',
        'PORT="80x": expected a whole number from 0 to 65535',
        'SHUTDOWN_TIMEOUT="soon": expected a duration such as 500ms, 8s or 1m',
      ]);
      return true;
    },
  );
});
