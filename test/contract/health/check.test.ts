import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { checkTarget } from '../../../src/health/check.ts';
import { openRound } from '../../../src/health/round.ts';
import { parseTarget } from '../../../src/health/target.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { CERTIFICATE, KEY } from '../../support/certificate.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { startNode } from '../../support/program.ts';

/** For a check that must run into its deadline; how far past it a loaded machine may end one. */
const DEADLINE_MS = 300;
const SLACK_MS = 2_000;

test('any status is an answer', async (t) => {
  const url = await http(t, (request, response) => response.writeHead(Number(request.url?.slice(1))).end());
  for (const status of [200, 204, 304, 404, 429, 500, 503]) assert.equal(statusOf(await check(`${url}/${status}`)), status);
});

test('body: JSON, an excerpt, never over 64 KiB', async (t) => {
  const bodies: Record<string, string> = {
    '/json': '{"status":"degraded","services":{"database":"down"}}',
    '/text': 'Exceeded concurrency limit.',
    '/broken-json': '{"status":',
    '/long': 'ä'.repeat(5_000),
    '/large': `[${'1,'.repeat(32_000)}1]`,
    '/too-large': `[${'1,'.repeat(33_000)}1]`,
    '/escapes': '\u001b[31mred\u0007',
  };
  const url = await http(t, (request, response) => response.end(bodies[request.url ?? '']));
  const read = async (path: string) => {
    const answer = await check(url + path);
    assert.equal(answer.kind, 'answer');
    return answer;
  };
  assert.deepEqual((await read('/json')).json, { status: 'degraded', services: { database: 'down' } });
  assert.deepEqual(pick(await read('/text')), { json: null, excerpt: 'Exceeded concurrency limit.' });
  assert.deepEqual(pick(await read('/broken-json')), { json: null, excerpt: '{"status":' });
  assert.equal((await read('/long')).excerpt, 'ä'.repeat(200));
  assert.equal(((await read('/large')).json as number[]).length, 32_001);
  assert.equal((await read('/too-large')).json, null);
  assert.equal((await read('/escapes')).excerpt, ' [31mred ');
});

test('an endless body: an answer after 64 KiB, and the connection is gone', async (t) => {
  let sentBytes = 0;
  let closed = false;
  const url = await http(t, (_request, response) => {
    const more = () => {
      while (!closed && response.write('x'.repeat(4096))) sentBytes += 4096;
    };
    response.on('drain', more).on('close', () => {
      closed = true;
    });
    more();
  });
  assert.equal(statusOf(await check(url, 5_000)), 200);
  await until('the server to see the end', () => closed);
  assert.ok(sentBytes < 16e6, `the kernel's buffers and no more: ${sentBytes}`);
});

test('the deadline is total, wherever the backend gets stuck', async (t) => {
  const url = await http(t, (request, response) => {
    if (request.url === '/silent') return;
    response.writeHead(200);
    response.flushHeaders();
    if (request.url === '/drip') every(20, response, () => response.write('x'));
  });
  const headers = await tcp(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    every(20, socket, () => socket.write('X-Drip: 1\r\n'));
  });
  const silent = await tcp(t, () => {});
  const stuck = [`${url}/silent`, `${url}/headers-only`, `${url}/drip`, `http://${headers}/`, `https://${silent}/`];
  for (const target of stuck) await timesOut(target);
  assert.equal(statusOf(await check(`tcp://${silent}`)), 200);
});

test('a frozen process accepts and never answers; with a full backlog it does not even accept', async (t) => {
  const code = `const server = require('node:http').createServer((_, r) => r.end('ok'));
    server.listen({ port: 0, host: '127.0.0.1', backlog: 2 }, () => console.log(server.address().port))`;
  const backend = await startNode(t, code);
  const url = `http://127.0.0.1:${backend.firstLine}/`;
  assert.equal(statusOf(await check(url)), 200);
  process.kill(backend.pid, 'SIGSTOP');
  const answers = await Promise.all(Array.from({ length: 8 }, () => timesOut(url)));
  assert.ok(answers.every(({ kind }) => kind === 'timeout'));
  process.kill(backend.pid, 'SIGCONT');
  assert.equal(statusOf(await until('an answer', async () => answered(await check(url)))), 200);
});

test('refused, by IPv4, IPv6, name, and tcp', async () => {
  const port = await freePort();
  for (const target of [
    `http://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `https://127.0.0.1:${port}/`,
    `tcp://localhost:${port}`,
  ]) {
    assert.equal((await check(target)).kind, 'refused', target);
  }
});

test('localhost is 127.0.0.1, and ::1 when that refuses', async (t) => {
  const six = await http(t, (_request, response) => response.writeHead(206).end(), '::1');
  const port = new URL(six).port;
  assert.equal(statusOf(await check(`http://localhost:${port}/`)), 206);
  assert.equal(statusOf(await check(`http://[::1]:${port}/`)), 206);
  assert.equal(statusOf(await check(`tcp://localhost:${port}`)), 200);
});

test('what is no HTTP, or breaks off, is broken', async (t) => {
  const says: Record<string, (socket: Socket) => void> = {
    HPE_INVALID_CONSTANT: (socket) => socket.end('220 mail.example ESMTP\r\n'),
    HPE_HEADER_OVERFLOW: (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`),
    'ECONNRESET at once': (socket) => socket.destroy(),
    'ECONNRESET by reset': (socket) => socket.resetAndDestroy(),
    'ECONNRESET within the body': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
    'ECONNRESET after an unasked upgrade': (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  };
  for (const [code, say] of Object.entries(says)) {
    const place = await tcp(t, (socket) => socket.once('data', () => say(socket)));
    const answer = await check(`http://${place}/`);
    assert.deepEqual({ ...answer, latencyMs: 0 }, { kind: 'broken', code: code.split(' ')[0], latencyMs: 0 }, code);
  }
});

test('Retry-After comes in seconds or as a date by the server’s own clock', async (t) => {
  const url = await http(t, (request, response) => {
    const date = new Date('2020-01-01T00:00:00Z');
    response.setHeader('Date', date.toUTCString());
    const later = new Date(date.getTime() + 90_000).toUTCString();
    response.writeHead(503, { 'Retry-After': request.url === '/date' ? later : '8' }).end();
  });
  assert.equal(answered(await check(`${url}/date`))?.retryAfterMs, 90_000);
  assert.equal(answered(await check(`${url}/seconds`))?.retryAfterMs, 8_000);
});

test('https: a backend on this machine may have any certificate, another host may not', async (t) => {
  const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end('{"tls":true}'));
  const port = await listen(t, server, '127.0.0.1');
  assert.deepEqual(answered(await check(`https://127.0.0.1:${port}/`))?.json, { tls: true });
  assert.equal(statusOf(await check(`https://localhost:${port}/`)), 200);
  const elsewhere = { ...parseTarget(`https://backend.example:${port}/`), hosts: ['127.0.0.1'] };
  assert.deepEqual(await checkTarget(elsewhere, 5_000), {
    kind: 'misdirected',
    detail: `cannot trust or read the TLS of backend.example:${port} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  });
  const plain = await http(t, (_request, response) => response.end());
  const answer = await check(plain.replace('http:', 'https:'));
  assert.match(JSON.stringify(answer), /misdirected.*wrong version number/);
  assert.equal((await check(`http://127.0.0.1:${port}/`)).kind, 'broken');
});

test('request: GET with the query, Host, user-info as Authorization, closed afterwards', async (t) => {
  let request: IncomingMessage | undefined;
  const url = await http(t, (incoming, response) => {
    request = incoming;
    response.end();
  });
  await check(`${url.replace('http://', 'http://me:p%40ss@')}/health?deep=1`);
  assert.equal(`${request?.method} ${request?.url}`, 'GET /health?deep=1');
  assert.equal(request?.headers.host, url.slice('http://'.length));
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  assert.equal(request?.headers.connection, 'close');
});

test('a check whose own event loop was late is void, whether the pause was early or late in it', async (t) => {
  const url = await http(t, () => {});
  for (const [beginMs, endMs] of [
    [100, 1_200],
    [0, 780],
  ] as const) {
    const began = performance.now();
    const checking = check(url, 800);
    setTimeout(() => {
      while (performance.now() < began + endMs);
    }, beginMs);
    const answer = await checking;
    assert.equal(answer.kind, 'void', `${beginMs} to ${endMs}: ${JSON.stringify(answer)}`);
  }
  await timesOut(url);
});

test('an answer that arrived while our own event loop was late still counts', async (t) => {
  const code = `const server = require('node:http').createServer((_, r) => setTimeout(() => r.end('ok'), 100));
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))`;
  const backend = await startNode(t, code);
  const checking = check(`http://127.0.0.1:${backend.firstLine}/`, 400);
  const began = performance.now();
  setTimeout(() => {
    while (performance.now() < began + 800);
  }, 60);
  assert.equal(statusOf(await checking), 200);
});

test('a host that nobody knows is a check that is misdirected, not a sick backend', async () => {
  const answer = await check('http://no-such-host.invalid:81/');
  assert.match(JSON.stringify(answer), /misdirected.*cannot look up the host of no-such-host.invalid:81 \(E/);
});

test('our own failures are void: nonsense, no descriptor left', async (t) => {
  for (const target of ['nonsense', 'ftp://127.0.0.1/', 'tcp://127.0.0.1', 'http://u:%zz@127.0.0.1/']) {
    const answer = await check(target);
    assert.equal(answer.kind, 'void', target);
  }
  const url = await http(t, (_request, response) => response.end());
  const script = `import { checkTarget } from './src/health/check.ts'; import { openSync } from 'node:fs';
    await checkTarget('${url}', 1000); try { for (;;) openSync('/dev/null'); } catch {}
    const answer = await checkTarget('${url}', 1000); console.log(answer.kind + ' ' + answer.detail);`;
  const starved = await startNode(
    t,
    `require('node:child_process').spawn('sh', ['-c', 'ulimit -n 60; exec "$0" --import tsx --input-type=module -e "$1"', process.execPath, ${JSON.stringify(script)}], { stdio: 'inherit' })`,
  );
  assert.match(starved.firstLine, /^void EMFILE/);
});

test('a round asks both at the same time, and one and the same target once', async (t) => {
  const seen: string[] = [];
  const url = await http(t, (request, response) => {
    seen.push(request.url ?? '');
    if (request.url === '/ready') setTimeout(() => response.writeHead(503).end(), 50);
    else response.end();
  });
  const ask = (live: string, ready: string | null) =>
    openRound(
      { liveness: get(url + live), readiness: ready === null ? null : get(url + ready) },
      { host: thisHost(process.env), beatPath: '' },
    ).ask(5_000, 'a');
  const round = await ask('/live', '/ready');
  assert.deepEqual([statusOf(round.liveness), round.readiness && statusOf(round.readiness)], [200, 503]);
  const same = await ask('/live', '/live');
  assert.equal(same.readiness, same.liveness);
  assert.equal((await ask('/live', null)).readiness, null);
  assert.deepEqual(seen.sort(), ['/live', '/live', '/live', '/ready']);
});

test('no socket outlives its check', async (t) => {
  let open = 0;
  const place = await tcp(t, (socket) => {
    open++;
    socket.on('close', () => open--).on('error', () => {});
    socket.resume();
  });
  await Promise.all(Array.from({ length: 20 }, (_, at) => check(`${at % 2 ? 'http' : 'https'}://${place}/`, DEADLINE_MS)));
  await until('all to be closed', () => open === 0);
});

function check(target: string, deadlineMs = 5_000): Promise<Answer> {
  return checkTarget(target, deadlineMs);
}

async function timesOut(target: string): Promise<Answer> {
  return until(`${target} to time out`, async () => {
    const began = performance.now();
    const answer = await check(target, DEADLINE_MS);
    if (answer.kind === 'void') return false; // This machine is so busy that the test's own event loop was late.
    const tookMs = performance.now() - began;
    assert.equal(answer.kind, 'timeout', `${target}: ${JSON.stringify(answer)}`);
    assert.ok(tookMs >= DEADLINE_MS - 2 && tookMs < DEADLINE_MS + SLACK_MS, `${target}: ${tookMs} ms`);
    return answer;
  });
}

function get(url: string) {
  return { kind: 'http', url, method: 'GET', headers: {}, expect: null } as const;
}

function answered(answer: Answer) {
  return answer.kind === 'answer' ? answer : null;
}

function statusOf(answer: Answer): number | string {
  return answer.kind === 'answer' ? answer.status : JSON.stringify(answer);
}

function pick({ json, excerpt }: { json: unknown; excerpt: string }) {
  return { json, excerpt };
}

function every(ms: number, stream: Socket | ServerResponse, act: () => void): void {
  const timer = setInterval(act, ms);
  stream.on('close', () => clearInterval(timer)).on('error', () => {});
}

async function http(t: TestContext, listener: RequestListener, host = '127.0.0.1'): Promise<string> {
  const port = await listen(t, createServer(listener), host);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function tcp(t: TestContext, onConnection: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return `127.0.0.1:${await listen(t, server, '127.0.0.1')}`;
}

async function listen(t: TestContext, server: Server, host: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
