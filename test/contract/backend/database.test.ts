import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Backend } from '../../support/backend.ts';
import { until } from '../../support/poll.ts';
import { Postgres } from '../../support/postgres.ts';

suite('the reference backend and a database that goes and comes', () => {
  let postgres: Postgres;
  let backend: Backend;
  before(async () => {
    postgres = await Postgres.start();
    backend = await Backend.start(postgres.dir);
  });
  beforeEach(() => backend.health(200));
  after(async () => {
    await backend.child.end();
    await postgres.dispose();
  });

  test('stopped: 503 that names the database, Retry-After where it is needed, the rest goes on; started: 200; one process', async () => {
    const { pid } = backend.child;
    await postgres.stop();
    assert.ok((await backend.health(503)) < 3_000);
    const health = await backend.fetch('/health');
    assert.deepEqual([health.json.status, health.json.services], ['degraded', { database: 'unhealthy', api: 'healthy' }]);
    assert.equal(health.headers['retry-after'], undefined);
    const list = await backend.fetch('/api/posts');
    assert.equal(list.status, 503);
    assert.match(String(list.headers['retry-after']), /^[1-9]\d*$/);
    assert.equal((await backend.fetch('/')).status, 200);

    await postgres.start();
    assert.ok((await backend.health(200)) < 5_000);
    assert.equal((await backend.fetch('/api/posts')).status, 200);
    assert.deepEqual([backend.child.running, backend.child.pid], [true, pid]);
  });

  test('frozen, so that it accepts and never answers: health 503 within 3 s, then requests fail at once; thawed: 200', async () => {
    await backend.write('before');
    postgres.freeze();
    const start = performance.now();
    const [health, list] = await Promise.all([backend.fetch('/health'), backend.fetch('/api/posts')]);
    assert.deepEqual([health.status, list.status], [503, 503]);
    assert.ok(performance.now() - start < 3_000);
    const again = performance.now();
    assert.equal((await backend.fetch('/api/posts')).status, 503);
    assert.ok(performance.now() - again < 900, 'it was known to be down, and still asked');
    postgres.thaw();
    assert.ok((await backend.health(200)) < 5_000);
    assert.equal((await backend.write('after')).status, 201);
  });

  test('connections that the server ended are found by the test before use: no request sees them', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, n) => backend.write(`fill the pool ${n}`)));
    const client = new pg.Client(postgres.url);
    await client.connect();
    const { rowCount } = await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'reference-backend%'",
    );
    await client.end();
    assert.ok((rowCount ?? 0) > 1);
    const answers = await Promise.all(Array.from({ length: 10 }, () => backend.fetch('/api/posts')));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  });

  test('a query with no end is given up; the connection and the database are still good', async () => {
    const impatient = await Backend.start(postgres.dir, { DATABASE_QUERY_TIMEOUT: '300ms', LOG_DIR: 'logs/impatient' });
    await impatient.health(200);
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query('BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE');
    const answer = await impatient.fetch('/api/posts');
    assert.deepEqual([answer.status, answer.json.message], [503, 'the query took too long']);
    assert.equal((await impatient.fetch('/health')).status, 200);
    await client.query('ROLLBACK');
    await client.end();
    assert.equal((await impatient.fetch('/api/posts')).status, 200);
    await impatient.child.end();
  });

  test('a hundred writers while the database is cut: every acknowledged write is there afterwards', async () => {
    const acknowledged: number[] = [];
    let writing = true;
    const statuses = new Set<number>();
    const writers = Array.from({ length: 100 }, async (_, writer) => {
      for (let n = 0; writing && backend.child.running; n++) {
        const { status, json } = await backend.write(`cut ${writer}.${n}`);
        statuses.add(status);
        if (status === 201) acknowledged.push(Number(json.id));
        else await sleep(20);
      }
    });
    await until('writes', () => acknowledged.length > 100);
    await postgres.stop();
    await backend.health(503);
    const before = acknowledged.length;
    await postgres.start();
    await until('more writes', () => !backend.child.running || acknowledged.length > before + 100);
    writing = false;
    const outcomes = await Promise.allSettled(writers);
    assert.deepEqual(
      outcomes.filter(({ status }) => status === 'rejected'),
      [],
    );
    assert.deepEqual([...statuses].sort(), [201, 503]);
    const client = new pg.Client(postgres.url);
    await client.connect();
    const { rows } = await client.query<{ found: number }>('SELECT count(*)::int AS found FROM posts WHERE id = ANY($1)', [
      acknowledged,
    ]);
    await client.end();
    assert.equal(rows[0]?.found, acknowledged.length);
  });
});

test('started with its database down: the tries of the start-up, then degraded, then healthy when it comes', async (t) => {
  const postgres = await Postgres.start();
  await postgres.stop();
  const backend = await Backend.start(postgres.dir, { DATABASE_STARTUP_DELAYS: '100ms,100ms,100ms,100ms' });
  t.after(async () => {
    await backend.child.end();
    await postgres.dispose();
  });
  assert.equal((await backend.fetch('/health')).status, 503);
  await backend.child.says('try 5 of 5: .*serving without the database');
  const tries = [...backend.child.output.matchAll(/try (\d) of 5/g)].map(([, n]) => n);
  assert.deepEqual(tries, ['1', '2', '3', '4', '5']);
  assert.equal((await backend.fetch('/api/posts')).json.message, 'the database has not come up yet');
  await postgres.start();
  assert.ok((await backend.health(200)) < 5_000);
  assert.equal((await backend.write('at last')).status, 201);
});
