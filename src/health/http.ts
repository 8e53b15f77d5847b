import { connect, type Socket } from 'node:net';
import type { Answer } from '../policy/observation.ts';
import { HttpReader } from './http-reader.ts';
import type { HttpTarget } from './target.ts';

/** All plain sockets read into this one: what is in it is taken out before another one is read. */
const ARRIVED = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One GET over a connection of its own: not kept alive, so that it also tells whether the backend still accepts connections.
 * Without node:http, which takes half as much again of processor and memory for it.
 * @returns cancels it and closes the socket; nothing that is settled after that counts
 */
export function attemptHttp(target: HttpTarget, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  const reader = new HttpReader(startedAt, settle);
  const socket = open(target, host, (chunk) => reader.read(chunk));
  socket.on('error', (error) => reader.fail(error));
  socket.on('end', () => reader.end());
  socket.write(target.request, 'latin1');
  return () => socket.destroy();
}

function open({ kind, port, servername, anyCertificate }: HttpTarget, host: string, read: (chunk: Buffer) => void): Socket {
  if (kind === 'http') {
    const callback = (bytes: number) => {
      read(ARRIVED.subarray(0, bytes));
      return true;
    };
    return connect({ host, port, onread: { buffer: ARRIVED, callback } });
  }
  // TLS takes 2 MB of memory: it is loaded when there is something to ask by https.
  const tls = process.getBuiltinModule('node:tls');
  return tls.connect({ host, port, servername, rejectUnauthorized: !anyCertificate }).on('data', read);
}
