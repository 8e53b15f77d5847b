import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Answer } from '../../policy/observation.ts';
import { certificateWarning } from './certificate.ts';
import { HttpReader } from './reader.ts';
import type { HttpTarget } from './target.ts';
import { sameWhole } from './whole-answer.ts';

/** All plain sockets read into this one: what is in it is taken out before another one is read. */
const ARRIVED = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One request over a connection of its own: not kept alive, so that it also tells whether the backend still accepts connections.
 * Without node:http, which takes half as much again of processor and memory for it.
 * @param settle is told what came back, and where a redirect leads (null: it is none)
 * @returns cancels it and closes the socket; nothing that is settled after that counts
 */
export function exchange(
  target: HttpTarget,
  request: string,
  host: string,
  startedAt: number,
  settle: (answer: Answer, location: string | null) => void,
): () => void {
  const reader = new HttpReader(target, startedAt, (answer, location) => {
    const warning = target.kind === 'https' && answer.kind === 'answer' ? certificateWarning(socket as TLSSocket) : null;
    settle(warning === null ? answer : sameWhole({ ...answer, warning } as Answer, answer), location);
  });
  const socket = open(target, host, (chunk) => reader.read(chunk));
  socket.on('error', (error) => reader.fail(error));
  socket.on('end', () => reader.end());
  socket.write(request, 'latin1');
  return () => socket.destroy();
}

function open(target: HttpTarget, host: string, read: (chunk: Buffer) => void): Socket {
  const { kind, port, servername, anyCertificate } = target;
  if (kind !== 'https') {
    const callback = (bytes: number) => {
      read(ARRIVED.subarray(0, bytes));
      return true;
    };
    const onread = { buffer: ARRIVED, callback };
    return kind === 'unix' ? connect({ path: host, onread }) : connect({ host, port, onread });
  }
  // TLS takes 2 MB of memory: it is loaded when there is something to ask by https.
  const tls = process.getBuiltinModule('node:tls');
  return tls.connect({ host, port, servername, rejectUnauthorized: !anyCertificate }).on('data', read);
}
