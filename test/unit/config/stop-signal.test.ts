import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';

// Which signal a backend is asked to end by; null: PM2 does it in its own way.

function signalOf(run: object, restart: object = {}): string | null {
  const backends = [{ name: 'api', run, port: 5000, restart }];
  const { backends: resolved } = loadConfig({
    file: '/srv/ecosystem.config.ts',
    typescript: { backends } as never,
    env: {},
    cwd: '/srv',
  });
  return resolved[0]?.stopSignal ?? null;
}

for (const [command, signal] of [
  ['/usr/bin/gunicorn -w 2 shop:app', 'SIGTERM'],
  ['venv/bin/celery -A shop worker', 'SIGTERM'],
  ['python3 -m gunicorn shop:app', 'SIGTERM'],
  ['poetry run gunicorn shop:app', 'SIGTERM'],
  ['venv/bin/uvicorn main:app --workers 2', null],
  ['hypercorn main:app', null],
] as const)
  test(`${command}: ${signal ?? "PM2's own way"}`, () => assert.equal(signalOf({ command }), signal));

test('what is configured is what is sent', () => {
  assert.equal(signalOf({ command: 'gunicorn shop:app' }, { stop_signal: 'SIGQUIT' }), 'SIGQUIT');
  assert.equal(signalOf({ script: 'server.js' }, { stop_signal: 'SIGINT' }), 'SIGINT');
});

test('what reads an env_file may stay as the parent, and leaves SIGINT to PM2', () => {
  assert.equal(signalOf({ command: 'uvicorn main:app', env_file: '.env' }, { stop_signal: 'SIGINT' }), null);
  assert.equal(signalOf({ command: 'gunicorn shop:app', env_file: '.env' }), 'SIGTERM');
});

test('a signal that is none, and one for the workers of a cluster, are mistakes', () => {
  assert.throws(() => signalOf({ script: 'server.js' }, { stop_signal: 'SIGKILL' }), /SIGTERM, SIGINT/);
  assert.throws(() => signalOf({ script: 'server.js', instances: 2 }, { stop_signal: 'SIGTERM' }), /instances/);
});
