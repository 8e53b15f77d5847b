import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { MAX_BODY_BYTES, readBody } from '../../../src/health/http/body.ts';
import { HttpReader } from '../../../src/health/http/reader.ts';
import type { Answer } from '../../../src/policy/observation.ts';

/** What a server may send, as text in latin1. */
const RESPONSES = fc.record({
  interim: fc.array(fc.constantFrom('100 Continue', '103 Early Hints\r\nLink: </a.css>'), { maxLength: 2 }),
  version: fc.constantFrom('1.1', '1.0'),
  status: fc.constantFrom('200 OK', '200', '404 Not Found', '500 ', '503 Service Unavailable'),
  headers: fc.array(
    fc.constantFrom(
      'Server: uvicorn',
      'server:uvicorn',
      'Retry-After: 8',
      'RETRY-AFTER:  30 ',
      'X-Empty:',
      'Upgrade: h2c',
      'X: a\tb',
    ),
    { maxLength: 5 },
  ),
  framing: fc.constantFrom('length', 'chunked', 'close'),
  body: fc.oneof(fc.string({ maxLength: 300 }), fc.constant('{"status":"healthy"}'), fc.constant('x'.repeat(MAX_BODY_BYTES + 1))),
});

test('it reads what node:http reads, in pieces of any size, also when the connection breaks off', async (t) => {
  const ask = await server(t);
  const wishes = {
    cut: fc.option(fc.nat(400)),
    sizes: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
  };
  await fc.assert(
    fc.asyncProperty(RESPONSES, fc.record(wishes), async (response, { cut, sizes }) => {
      const sent = bytesOf(response).subarray(0, cut ?? undefined);
      assert.deepEqual(briefly(read(sent, sizes)), await ask(sent), sent.toString('latin1', 0, 500));
    }),
    { numRuns: 400, seed: 1 },
  );
});

test('an answer without a body has none, whatever its headers say', () => {
  for (const status of [204, 304]) {
    const sent = Buffer.from(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`);
    assert.deepEqual(briefly(read(sent, [7], { end: false })), { status, excerpt: '' });
  }
});

test('whatever comes: one answer, no exception, no end of reading', () => {
  const damage = fc.array(
    fc.record({
      at: fc.nat(300),
      put: fc.constantFrom('-5', '\r\n', '\n', '0', 'ffffffffffff', ' ', '\0', ':', 'NaN', '\r', 'HTTP/1.1 200'),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(RESPONSES, damage, fc.integer({ min: 1, max: 500 }), (response, places, size) => {
      let text = bytesOf(response).toString('latin1');
      for (const { at, put } of places) text = text.slice(0, at) + put + text.slice(at + put.length);
      assert.ok(read(Buffer.from(text, 'latin1'), [size]));
    }),
    { numRuns: 3_000 },
  );
});

test('lengths that are none are no HTTP; what never ends is given up', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const says: Record<string, string> = {
    [`${head}Content-Length: -38\r\n\r\n${head}`]: 'HPE_INVALID_LENGTH',
    [`${head}Content-Length: many\r\n\r\nx`]: 'HPE_INVALID_LENGTH',
    [`${head}Transfer-Encoding: chunked\r\n\r\n-5\r\n-5\r\n`]: 'HPE_INVALID_LENGTH',
    'SSH-2.0-OpenSSH_9.6\r\n': 'HPE_INVALID_CONSTANT',
    [`${head}X: ${'x'.repeat(20_000)}`]: 'HPE_HEADER_OVERFLOW',
    ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(30_000)]: 'HPE_TOO_LONG',
  };
  for (const [sent, code] of Object.entries(says)) {
    assert.deepEqual(briefly(read(Buffer.from(sent), [16_384], { end: false })), { code }, sent.slice(0, 80));
  }
  const endlessChunkHead = `${head}Transfer-Encoding: chunked\r\n\r\n${'1'.repeat(MAX_BODY_BYTES * 9)}`;
  assert.deepEqual(briefly(read(Buffer.from(endlessChunkHead), [16_384], { end: false })), { status: 200, excerpt: '' });
});

interface Response {
  readonly interim: readonly string[];
  readonly version: string;
  readonly status: string;
  readonly headers: readonly string[];
  readonly framing: string;
  readonly body: string;
}

function bytesOf({ interim, version, status, headers, framing, body }: Response): Buffer {
  const bytes = Buffer.from(body);
  const half = Math.ceil(bytes.length / 2);
  const chunks = [bytes.subarray(0, half), bytes.subarray(half)].filter(({ length }) => length > 0);
  const framed: Record<string, readonly [string, readonly (string | Buffer)[]]> = {
    length: [`Content-Length: ${bytes.length}`, [bytes]],
    chunked: [
      'Transfer-Encoding: chunked',
      [...chunks.flatMap((chunk) => [`${chunk.length.toString(16)};ext=1\r\n`, chunk, '\r\n']), '0\r\nX-Trailer: 1\r\n\r\n'],
    ],
    close: ['Connection: close', [bytes]],
  };
  const [header, parts] = framed[framing] ?? ['', []];
  const head = [`HTTP/${version} ${status}`, ...headers, header].join('\r\n');
  const before = interim.map((each) => `HTTP/1.1 ${each}\r\n\r\n`).join('');
  return Buffer.concat([before, head, '\r\n\r\n', ...parts].map((part) => Buffer.from(part)));
}

/** Feeds all of it, in pieces of these sizes in turn, out of one buffer that is written over each time. */
function read(sent: Buffer, sizes: readonly number[], { end = true } = {}): Answer | undefined {
  const answers: Answer[] = [];
  const reader = new HttpReader({ place: 'here', headOnly: false, expect: null }, performance.now(), (answer) =>
    answers.push(answer),
  );
  const memory = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, i = 0; at < sent.length; i++) {
    const copied = sent.copy(memory, 0, at, at + (sizes[i % sizes.length] ?? 1));
    reader.read(memory.subarray(0, copied));
    memory.fill('~');
    at += copied;
  }
  if (end) reader.end();
  assert.ok(answers.length <= 1, 'settled once');
  return answers[0];
}

function briefly(answer: Answer | undefined): unknown {
  if (answer?.kind === 'broken') return { code: answer.code };
  if (answer?.kind !== 'answer') return answer;
  const { status, excerpt, server, retryAfterMs } = answer;
  return { status, excerpt, ...(server && { server }), ...(retryAfterMs !== null && { retryAfterMs }) };
}

/** A server that sends exactly some bytes and closes. @returns what node:http makes of them */
async function server(t: TestContext): Promise<(bytes: Buffer) => Promise<unknown>> {
  let bytes = Buffer.alloc(0);
  const listening = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(bytes))).listen(
    0,
    '127.0.0.1',
  );
  t.after(() => listening.close());
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return async (next) => {
    bytes = Buffer.from(next);
    return new Promise((resolve) => {
      const failed = (error: Error & { code?: string }) => resolve({ code: error.code });
      get({ port, host: '127.0.0.1', agent: false }, (response) => {
        const parts: Buffer[] = [];
        const answered = () => resolve(asRead(response, Buffer.concat(parts)));
        response.on('data', (part: Buffer) => parts.push(part)).on('end', answered);
        // More than is read of a body was there before it broke off.
        response.on('error', (error) => (Buffer.concat(parts).length > MAX_BODY_BYTES ? answered() : failed(error)));
      }).on('error', failed);
    });
  };
}

function asRead({ statusCode, headers }: IncomingMessage, body: Buffer): unknown {
  const { server, 'retry-after': after } = statusCode === 200 ? {} : headers;
  const said = { ...(server && { server }), ...(after && { retryAfterMs: Number(after) * 1000 }) };
  return { status: statusCode, excerpt: readBody(body, true).excerpt, ...said };
}
