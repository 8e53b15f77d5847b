import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { GrpcCheck } from '../../../src/config/resolved.ts';
import { openCheck } from '../../../src/health/open-check.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { CERTIFICATE, KEY } from '../../support/certificate.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';

const health = new HealthImplementation({ '': 'SERVING', 'shop.Stock': 'SERVING', 'shop.Mail': 'NOT_SERVING' });
const grpc = new GrpcServer();
let port: number;
let tlsPort: number;

before(async () => {
  health.addToServer(grpc);
  port = await bind(grpc, ServerCredentials.createInsecure());
  const pair = { private_key: Buffer.from(KEY), cert_chain: Buffer.from(CERTIFICATE) };
  tlsPort = await bind(grpc, ServerCredentials.createSsl(null, [pair]));
});
after(() => grpc.forceShutdown());

test('a real gRPC server: serving, not serving, a service that it does not know', async () => {
  assert.equal((await ask({ port })).kind, 'well');
  assert.equal((await ask({ port, service: 'shop.Stock' })).kind, 'well');
  const mail = await ask({ port, service: 'shop.Mail' });
  assert.equal(mail.kind === 'sick' && mail.detail, 'says that shop.Mail is NOT_SERVING');
  const unknown = await ask({ port, service: 'shop.Sotck' });
  assert.equal(
    unknown.kind === 'misdirected' && unknown.detail,
    `asks for a service that is not known at 127.0.0.1:${port}: shop.Sotck`,
  );
  health.setStatus('shop.Mail', 'SERVING');
  assert.equal((await ask({ port, service: 'shop.Mail' })).kind, 'well');
});

test('over TLS: of this machine any certificate, of another none but a good one', async () => {
  assert.equal((await ask({ port: tlsPort, tls: true })).kind, 'well');
  assert.match(JSON.stringify(await ask({ port, tls: true })), /misdirected.*wrong version number/);
});

test('a server without the health service, and one that speaks HTTP only, are not what was meant', async () => {
  const bare = new GrpcServer();
  const bareAt = await bind(bare, ServerCredentials.createInsecure());
  const missing = await ask({ port: bareAt });
  bare.forceShutdown();
  assert.match(JSON.stringify(missing), /misdirected.*finds no health service \(grpc.health.v1\)/);

  const plain = createHttpServer((_request, response) => response.end());
  const http2 = createHttp2Server((_request, response) => response.writeHead(404).end());
  for (const server of [plain, http2]) {
    const at = await listen(server);
    assert.match(JSON.stringify(await ask({ port: at })), /misdirected.*finds no gRPC at/);
    server.close();
  }
});

test('refused; silent; ended in the middle; an answer that is none, or without end', async () => {
  assert.equal((await ask({ port: await freePort() })).kind, 'refused');
  const silent = createServer((socket) => socket.on('error', () => {}));
  const silentAt = await listen(silent);
  const timedOut = await until('a time-out', async () => {
    const answer = await ask({ port: silentAt }, 300);
    return answer.kind === 'void' ? null : answer;
  });
  assert.equal(timedOut.kind, 'timeout');
  silent.close();

  const closing = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.resetAndDestroy()));
  assert.equal((await ask({ port: await listen(closing) })).kind, 'broken');
  closing.close();

  const says = [Buffer.from('nonsense'), Buffer.alloc(1024 * 1024)];
  for (const [at, kind] of [
    [0, 'sick'],
    [1, 'broken'],
  ] as const) {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(says[at]);
    });
    assert.equal((await ask({ port: await listen(server) })).kind, kind);
    server.close();
  }
});

function ask(check: Partial<GrpcCheck> & { port: number }, deadlineMs = 5_000): Promise<Answer> {
  return openCheck(
    { kind: 'grpc', host: '127.0.0.1', service: '', tls: false, ...check },
    { host: thisHost(process.env), beatPath: '' },
  ).ask(deadlineMs, 'a');
}

function bind(server: GrpcServer, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
}

function listen(
  server: Pick<Server, 'address'> & { listen(port: number, host: string, listening: () => void): unknown },
): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
