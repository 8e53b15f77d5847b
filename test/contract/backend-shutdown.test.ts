import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import pg from 'pg';
import WebSocket from 'ws';
import { Backend } from '../support/backend.ts';
import { until } from '../support/poll.ts';
import { Postgres } from '../support/postgres.ts';

suite('the reference backend ends', () => {
  let postgres: Postgres;
  let backend: Backend;
  let holder: pg.Client;
  before(async () => {
    postgres = await Postgres.start();
  });
  beforeEach(async () => {
    backend = await Backend.start(postgres.dir, { SHUTDOWN_TIMEOUT: '3s' });
    await backend.health(200);
    holder = new pg.Client(postgres.url);
    await holder.connect();
  });
  afterEach(async () => {
    await holder.end();
    await backend.child.end();
  });
  after(() => postgres.dispose());

  /** A write that is under way, and stays so until the lock is given back. */
  async function slowWrite() {
    await holder.query('BEGIN; LOCK TABLE posts IN SHARE MODE');
    const answer = backend.write('slow');
    answer.catch(() => undefined);
    await until('the write to wait for the lock', async () => {
      const { rows } = await holder.query('SELECT 1 FROM pg_locks WHERE NOT granted');
      return rows.length > 0;
    });
    return { answer };
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal}: the request under way is answered, a WebSocket closed with 1001, idle connections ended, exit 0`, async () => {
      const socket = new WebSocket(`${backend.url.replace('http', 'ws')}/ws`);
      await once(socket, 'open');
      const silent = connect(backend.port, '127.0.0.1');
      await once(silent, 'connect');
      const { answer } = await slowWrite();

      const closed = once(socket, 'close') as Promise<[number, Buffer]>;
      backend.child.signal(signal);
      assert.equal((await closed)[0], 1001);
      await until('connections to be refused', async () => {
        const error = await backend.fetch('/').catch((reason: NodeJS.ErrnoException) => reason.code);
        return error === 'ECONNREFUSED';
      });
      assert.ok(backend.child.running, 'it waits for the request');
      await holder.query('COMMIT');
      const { status, headers } = await answer;
      assert.deepEqual([status, headers.connection], [201, 'close']);
      assert.deepEqual(await backend.child.exited, { code: 0, signal: null });
      silent.destroy();
    });
  }

  test('a second signal ends it at once, with exit 1', async () => {
    const { answer } = await slowWrite();
    backend.child.signal('SIGTERM');
    await backend.child.says('SIGTERM: finishing');
    backend.child.signal('SIGTERM');
    await assert.rejects(answer);
    assert.deepEqual(await backend.child.exited, { code: 1, signal: null });
    assert.match(backend.child.output, /SIGTERM again/);
  });
});
