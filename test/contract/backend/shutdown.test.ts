import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import pg from 'pg';
import WebSocket from 'ws';
import { Backend } from '../../support/backend.ts';
import { until } from '../../support/poll.ts';
import { Postgres } from '../../support/postgres.ts';

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

  // One who connects at the very moment is reset by the kernel, on a busy machine in one shutdown of ten; Node alone does it in each.
  for (const [connections, keepAlive] of [
    ['connections kept alive', true],
    ['a connection for each request', false],
  ] as const) {
    test(`under load, ${connections}: every request is answered or refused, none is reset, in one of three shutdowns at least`, async () => {
      for (let round = 1; ; round++) {
        const outcomes = await endUnderLoad(keepAlive);
        if (outcomes.length === 2 || round === 3) return assert.deepEqual(outcomes, ['200', 'ECONNREFUSED']);
        backend = await Backend.start(postgres.dir);
      }
    });
  }

  /** Thirty clients ask again and again until the backend is gone. @returns what became of their requests, each once, sorted. */
  async function endUnderLoad(keepAlive: boolean): Promise<string[]> {
    const outcomes = new Map<string, number>();
    const client = async () => {
      const agent = new Agent({ keepAlive, maxSockets: 1 });
      for (let outcome = ''; !outcome.startsWith('E'); ) {
        outcome = await get(agent);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 30 }, client);
    await until('answers', () => (outcomes.get('200') ?? 0) > 60);
    backend.child.signal('SIGTERM');
    await Promise.all(clients);
    assert.deepEqual(await backend.child.exited, { code: 0, signal: null });
    return [...outcomes.keys()].sort();
  }

  /** The status of an answer that came whole, or the code of the error. */
  function get(agent: Agent): Promise<string> {
    return new Promise((resolve) => {
      const failed = ({ code = 'E' }: NodeJS.ErrnoException) => resolve(code);
      request(`${backend.url}/api/posts?limit=1`, { agent }, (response) => {
        response
          .on('error', failed)
          .on('end', () => resolve(String(response.statusCode)))
          .resume();
      })
        .on('error', failed)
        .end();
    });
  }
});
