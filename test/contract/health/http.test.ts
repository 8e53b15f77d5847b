import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HttpCheck } from '../../../src/config/resolved.ts';
import { openCheck } from '../../../src/health/open-check.ts';
import { shownCheck } from '../../../src/health/shown-check.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { CERTIFICATE, KEY } from '../../support/certificate.ts';

test('headers go with it, over those of our own: a server that wants its Host gets it', async (t) => {
  const url = await http(t, ({ headers }, response) => response.writeHead(headers.host === 'shop.example' ? 200 : 400).end());
  assert.equal(statusOf(await ask(url)), 400);
  assert.equal(statusOf(await ask(url, { headers: { host: 'shop.example', Authorization: 'Bearer s3cret' } })), 200);
});

test('headers are never shown, and neither is a password', () => {
  const shown = shownCheck(
    target('http://me:s3cret@127.0.0.1/health', { headers: { Host: 'a', Authorization: 'Bearer s3cret' } }),
  );
  assert.equal(shown, 'http://me:***@127.0.0.1/health (with Host, Authorization)');
});

test('HEAD has no body, whatever its length says; POST has an empty one', async (t) => {
  const seen: string[] = [];
  const url = await tcp(t, (socket) =>
    socket.on('data', (data) => {
      seen.push(String(data));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    }),
  );
  assert.equal(statusOf(await ask(url, { method: 'HEAD' })), 200);
  const listening = await http(t, (request, response) => request.on('end', () => response.writeHead(201).end()).resume());
  assert.equal(statusOf(await ask(listening, { method: 'POST' })), 201);
  assert.match(seen.join(), /^HEAD \/ HTTP\/1.1\r\n/);
});

test('what is expected of an answer: its status, a text, what its JSON has', async (t) => {
  const url = await http(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)));
    response.end(JSON.stringify({ status: 'healthy', services: { database: 'up', cache: 'down' }, rows: [1, 2] }));
  });
  const expected = async (status: number, expect: Partial<NonNullable<HttpCheck['expect']>>) => {
    const answer = await ask(`${url}/${status}`, { expect: { status: null, body: null, json: null, ...expect } });
    assert.equal(answer.kind, 'answer');
    return answer.expected?.met === false ? answer.expected.detail : (answer.expected?.met ?? 'as ever');
  };
  assert.equal(await expected(200, {}), true);
  assert.equal(await expected(401, { status: [200, 401] }), true);
  assert.equal(await expected(204, { status: [200] }), '200 is expected');
  assert.equal(await expected(404, { status: [200] }), 'as ever');
  assert.equal(await expected(503, { body: 'no such' }), 'as ever');
  assert.equal(await expected(200, { body: '"status":"healthy"' }), true);
  assert.equal(await expected(200, { body: 'degraded' }), 'its body has no "degraded"');
  assert.equal(await expected(200, { json: { status: 'healthy', services: { database: 'up' }, rows: [1, 2] } }), true);
  assert.equal(
    await expected(200, { json: { services: { cache: 'up' } } }),
    'services.cache of its body is "down", where "up" is expected',
  );
  assert.equal(await expected(200, { json: { gone: true } }), 'gone of its body is missing, where true is expected');
  assert.equal(await expected(200, { json: { rows: [1] } }), 'rows of its body is [1,2], where [1] is expected');
});

test('a redirect to the same host and port is followed once, with the same headers, and its answer counts', async (t) => {
  const seen: IncomingMessage[] = [];
  const url = await http(t, (request, response) => {
    seen.push(request);
    const location: Record<string, string> = {
      '/health': '/health/',
      '/relative': 'deeper/?a=1',
      '/absolute': `${url}/health/`,
      '/as-it-is-called': 'http://shop.example/health/',
      '/once-more': '/health',
    };
    const to = location[request.url ?? ''];
    response.writeHead(to === undefined ? 503 : 301, to === undefined ? {} : { Location: to }).end();
  });
  for (const [path, reached] of [
    ['/health', '/health/'],
    ['/relative', '/deeper/?a=1'],
    ['/absolute', '/health/'],
    ['/as-it-is-called', '/health/'],
  ] as const) {
    const answer = await ask(url + path, { headers: { Host: 'shop.example' } });
    assert.deepEqual(answer.kind === 'answer' && [answer.status, answer.redirectedTo], [503, reached], path);
    assert.equal(seen.at(-1)?.url, reached);
    assert.equal(seen.at(-1)?.headers.host, 'shop.example');
  }
  assert.deepEqual(await ask(`${url}/once-more`), {
    kind: 'misdirected',
    detail: 'is redirected to /health, and on from there',
  });
});

test('a redirect elsewhere is followed by nobody, and shows no query; one that is expected is an answer', async (t) => {
  const elsewhere = await http(t, () => assert.fail('it was asked'));
  const url = await http(t, (request, response) => {
    const to: Record<string, string> = {
      '/port': `${elsewhere}/?token=s3cret`,
      '/tls': `${url.replace('http', 'https')}/login`,
      '/scheme': 'mailto:root',
      '/broken': 'http://[',
    };
    response.writeHead(302, request.url === '/none' ? {} : { Location: to[request.url ?? ''] ?? '/' }).end();
  });
  const detail = async (path: string) => {
    const answer = await ask(url + path);
    return answer.kind === 'misdirected' ? answer.detail : assert.fail(JSON.stringify(answer));
  };
  assert.equal(await detail('/port'), `is redirected to ${elsewhere}/`);
  assert.equal(await detail('/tls'), `is redirected to ${url.replace('http', 'https')}/login`);
  assert.equal(await detail('/scheme'), 'is redirected to mailto:root');
  for (const path of ['/broken', '/none']) assert.match(await detail(path), /nowhere/);
  const answer = await ask(`${url}/port`, { expect: { status: [302], body: null, json: null } });
  assert.deepEqual(answer.kind === 'answer' && answer.expected, { met: true });
});

test('over a socket file: an answer; refused while it is not there or nobody listens', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-http-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'app.sock');
  assert.equal((await ask(`unix:${path}:/health?deep=1`)).kind, 'refused');
  const server = createServer((request, response) => response.end(request.url));
  t.after(() => server.close());
  server.listen(path);
  await once(server, 'listening');
  const answer = await ask(`unix:${path}:/health?deep=1`);
  assert.deepEqual(answer.kind === 'answer' && answer.excerpt, '/health?deep=1');
});

test('a certificate that ends within 14 days, or has ended, is told with its date; one that holds is not', async (t) => {
  const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end());
  const url = `https://127.0.0.1:${await listen(t, server)}/`;
  const warningAt = async (today: string) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse(today) });
    const answer = await ask(url);
    t.mock.timers.reset();
    return answer.kind === 'answer' ? answer.warning : assert.fail(JSON.stringify(answer));
  };
  assert.equal(await warningAt('2126-10-16'), undefined);
  assert.equal(await warningAt('2126-10-18'), 'its certificate ends on 2126-10-31');
  assert.equal(await warningAt('2126-11-01'), 'its certificate ended on 2126-10-31');
});

test('JSON nested 30,000 deep is no JSON, and nothing throws over it later', async (t) => {
  const bodies = ['['.repeat(30_000) + ']'.repeat(30_000), `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`];
  const url = await http(t, (request, response) => response.writeHead(503).end(bodies[Number(request.url?.slice(1))]));
  for (const at of [0, 1]) {
    const answer = await ask(`${url}/${at}`, { expect: { status: [503], body: null, json: { a: 1 } } });
    assert.deepEqual(answer.kind === 'answer' && [answer.status, answer.json], [503, null]);
    assert.deepEqual(answer.kind === 'answer' && answer.expected, { met: false, detail: 'its body is no JSON object' });
  }
  const flat = await http(t, (_request, response) => response.end('{"a":{"b":[{"c":1}]}}'));
  const answer = await ask(flat);
  assert.deepEqual(answer.kind === 'answer' && answer.json, { a: { b: [{ c: 1 }] } });
});

function ask(url: string, rest: Partial<HttpCheck> = {}): Promise<Answer> {
  return openCheck(target(url, rest), { host: thisHost(process.env), beatPath: '' }).ask(5_000, 'a');
}

function target(url: string, rest: Partial<HttpCheck>): HttpCheck {
  return { kind: 'http', url, method: 'GET', headers: {}, expect: null, ...rest };
}

function statusOf(answer: Answer): number | string {
  return answer.kind === 'answer' ? answer.status : JSON.stringify(answer);
}

async function http(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(t, createServer(listener))}`;
}

async function tcp(t: TestContext, onConnection: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => onConnection(socket.on('error', () => {})));
  return `http://127.0.0.1:${await listen(t, server)}`;
}

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
