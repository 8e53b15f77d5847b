import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import pg from 'pg';
import WebSocket from 'ws';
import { Backend } from '../../support/backend.ts';
import { until } from '../../support/poll.ts';
import { Postgres } from '../../support/postgres.ts';

suite('the reference backend, its database up', () => {
  let postgres: Postgres;
  let backend: Backend;
  before(async () => {
    postgres = await Postgres.start();
    backend = await Backend.start(postgres.dir, { CORS_ORIGINS: 'https://app.example' });
  });
  after(async () => {
    await backend.child.end();
    await postgres.dispose();
  });
  const fromBrowser = { headers: { origin: 'https://app.example' } };

  test('health: each service by name, and what each of the two tells beside', async () => {
    const [health, api] = [await backend.fetch('/health'), await backend.fetch('/api/health')];
    assert.deepEqual([health.status, api.status], [200, 200]);
    const { timestamp, ...rest } = health.json;
    assert.deepEqual(rest, { status: 'healthy', environment: 'development', services: { database: 'healthy', api: 'healthy' } });
    assert.ok(Math.abs(Date.parse(String(timestamp)) - Date.now()) < 60_000);
    assert.equal(api.json.api_version, '1.0.0');
  });

  test('posts: written, listed, found, deleted; a mistake is answered 400 and says what is wrong', async () => {
    const created = await backend.write('first');
    assert.equal(created.status, 201);
    const place = String(created.headers.location);
    assert.deepEqual((await backend.fetch(place)).json, created.json);
    assert.equal((await backend.fetch('/api/posts?limit=1')).json.total, 1);
    assert.equal((await backend.fetch(place, { method: 'DELETE' })).status, 204);
    assert.equal((await backend.fetch(place)).status, 404);
    for (const title of ['', 'x'.repeat(201), 'nul \0']) assert.equal((await backend.write(title)).status, 400, title);
    assert.match((await backend.fetch('/api/posts?limit=0')).body, /querystring\/limit must be >= 1/);
  });

  test('the pages: / links to the rest, /docs needs nothing from elsewhere, /docs/json describes the posts', async () => {
    assert.equal((await backend.fetch('/')).json.name, 'reference-backend');
    const docs = await backend.fetch('/docs');
    assert.equal(docs.status, 200);
    assert.doesNotMatch(docs.body, /(?:src|href)="(?:https?:)?\/\//);
    assert.ok((await backend.fetch('/docs/json')).body.includes('"/api/posts"'));
  });

  test('an unhandled error: 500 as JSON with its CORS headers, the stack in both logs and not in the answer', async () => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query('ALTER TABLE posts RENAME TO elsewhere');
    const answer = await backend.fetch('/api/posts', fromBrowser);
    await client.query('ALTER TABLE elsewhere RENAME TO posts');
    await client.end();
    assert.deepEqual([answer.status, answer.json.error], [500, 'Internal Server Error']);
    assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
    assert.doesNotMatch(answer.body, /relation/);
    const logged = /"stack":"error: relation \\"posts\\" does not exist/;
    await backend.child.says(logged);
    assert.match(readFileSync(join(postgres.dir, 'logs/app.log'), 'utf8'), logged);
    assert.equal((await backend.fetch('/nothing', fromBrowser)).headers['access-control-allow-origin'], 'https://app.example');
  });

  test('/ws: greets and echoes', async () => {
    const socket = new WebSocket(`${backend.url.replace('http', 'ws')}/ws`);
    const said: string[] = [];
    socket.on('message', (data) => said.push(String(data)));
    await until('the greeting', () => said.length > 0);
    socket.send('ahoy');
    await until('the echo', () => said.some((line) => line === '{"type":"echo","message":"ahoy"}'));
    socket.terminate();
  });

  test('a hundred writers at once, ten connections: all are served', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => backend.write(`writer ${n}`)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  });
});
