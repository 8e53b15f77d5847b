import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestExit, tellingLine } from '../../../src/incidents/exit-cause.ts';
import type { ExitInfo } from '../../../src/policy/event.ts';
import { explainExit } from '../../../src/policy/telling/explain-exit.ts';

test('the newest line of pm2.log about this very app', () => {
  const line = (app: string, code: number, signal: string) =>
    `2026-11-24T10:00:00: PM2 log: App [${app}] exited with code [${code}] via signal [${signal}]`;
  const log = [
    line('api:1', 0, 'SIGKILL'),
    line('api:1', 3, 'SIGINT'),
    line('api:11', 0, 'SIGTERM'),
    'PM2 log: App [api:1] online',
  ];
  assert.deepEqual(newestExit(log, { name: 'api', pmId: 1 }), { code: 3, signal: null });
  assert.deepEqual(newestExit(log, { name: 'api', pmId: 11 }), { code: null, signal: 'SIGTERM' });
  assert.deepEqual(newestExit(log.slice(0, 1), { name: 'api', pmId: 1 }), { code: null, signal: 'SIGKILL' });
  assert.equal(newestExit(log, { name: 'other', pmId: 1 }), null);
  assert.deepEqual(newestExit([line('a [b]:2', 1, 'SIGINT')], { name: 'a [b]', pmId: 2 }), { code: 1, signal: null });
});

const NODE_TRACE = `node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module './missing'
Require stack:
- /srv/app/server.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/app/server.js' ]
}

Node.js v20.20.2`;
const PYTHON_TRACE = `Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    import asyncpgg
ModuleNotFoundError: No module named 'asyncpgg'`;
const UVICORN = `INFO:     Started server process [4242]
ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 5555): address already in use
INFO:     Waiting for application shutdown.
INFO:     Application shutdown complete.`;

const TOLD: [string, string, string][] = [
  [NODE_TRACE, "Error: Cannot find module './missing'", 'it needs ./missing, which is not there (exit code 1)'],
  [PYTHON_TRACE, "ModuleNotFoundError: No module named 'asyncpgg'", 'the Python module asyncpgg is not installed (exit code 1)'],
  [
    UVICORN,
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 5555): address already in use",
    'its port is already in use (exit code 1)',
  ],
  [
    'Error: listen EADDRINUSE: address already in use :::5555\n    at Server.setupListenHandle',
    'Error: listen EADDRINUSE: address already in use :::5555',
    'its port is already in use (exit code 1)',
  ],
  [
    'SyntaxError: Unexpected token }',
    'SyntaxError: Unexpected token }',
    'there is a mistake in its code (SyntaxError) (exit code 1)',
  ],
  [
    'ERROR:    Error loading ASGI app. Could not import module "mian".',
    'ERROR:    Error loading ASGI app. Could not import module "mian".',
    'uvicorn cannot load the app: Could not import module "mian". (exit code 1)',
  ],
  [
    "python3: can't open file '/srv/x.py': [Errno 2] No such file or directory",
    "python3: can't open file '/srv/x.py': [Errno 2] No such file or directory",
    'a file is missing: /srv/x.py (exit code 1)',
  ],
  ['\u001b[31mfatal: no mailbox\u001b[0m', 'fatal: no mailbox', 'it ended with exit code 1: fatal: no mailbox'],
  [
    'error: no route to postgres://me:hunter2@db/x',
    'error: no route to postgres://me:***@db/x',
    'it ended with exit code 1: error: no route to postgres://me:***@db/x',
  ],
  ['starting\nready', 'ready', 'it ended with exit code 1: ready'],
];

test('the line that tells, and what it tells', () => {
  for (const [log, line, explanation] of TOLD) {
    const lastError = tellingLine(log.split('\n').filter((text) => text !== ''));
    assert.equal(lastError, line);
    assert.equal(explainExit({ code: 1, signal: null, oom: false, lastError }), explanation);
  }
  assert.equal(tellingLine([]), null);
});

test('signals and exit codes', () => {
  const of = (exit: Partial<ExitInfo>) => explainExit({ code: null, signal: null, oom: false, lastError: null, ...exit });
  assert.match(of({ signal: 'SIGKILL', oom: true }), /OOM killer/);
  assert.match(of({ signal: 'SIGKILL', lastError: 'Error: whatever' }), /^it was killed \(SIGKILL/);
  assert.match(of({ signal: 'SIGSEGV' }), /native code \(SIGSEGV\)/);
  assert.equal(of({ signal: 'SIGUSR2' }), 'it ended by SIGUSR2');
  assert.match(of({ code: 0, lastError: 'Error: old' }), /without an error \(exit code 0\)$/);
  assert.match(of({ code: 127 }), /program was not found/);
  assert.equal(of({ code: 3 }), 'it ended with exit code 3');
  assert.equal(
    of({ signal: 'SIGABRT', lastError: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' }),
    'it ran into the memory limit of its own runtime (SIGABRT)',
  );
  assert.match(of({}), /nobody knows/);
});
