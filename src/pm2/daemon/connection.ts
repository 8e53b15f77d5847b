import { connect, type Socket } from 'node:net';
import { decodeArgument, encodeFrame, FrameReader } from './amp.ts';
import { Pm2Error } from './pm2-error.ts';

/** How long a local daemon may take to accept a connection. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects to one of the daemon's sockets. Never again: a socket that closes stays closed.
 * @throws Pm2Error `refused` when nothing listens or access is denied, `timeout` after 5 s
 */
export function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Pm2Error('timeout', `PM2's daemon did not accept a connection on ${path} within ${CONNECT_TIMEOUT_MS} ms`));
    }, CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(new Pm2Error('refused', `no PM2 daemon answers on ${path} (${error.message})`, { cause: error }));
    });
  });
}

interface Pending {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Pm2Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The daemon's methods (lib/Daemon.js, `server.expose`) over its rpc socket, each call with a time limit. */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #pending = new Map<string, Pending>();
  #calls = 0;
  #closed = false;

  constructor(socket: Socket, onLost: () => void) {
    this.#socket = socket;
    const reader = new FrameReader((args) => this.#answer(args));
    feed(socket, reader);
    socket.once('close', () => {
      this.#closed = true;
      for (const call of this.#pending.values())
        call.reject(new Pm2Error('lost', `PM2's daemon went away during ${call.method}`));
      this.#pending.clear();
      onLost();
    });
  }

  /** @throws Pm2Error, within `timeoutMs` */
  call(method: string, argument: unknown, timeoutMs: number): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Pm2Error('lost', `PM2's daemon is gone: ${method} was not sent`));
    const id = `${process.pid}:${this.#calls++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Pm2Error('timeout', `PM2's daemon did not answer ${method} within ${timeoutMs} ms`));
      }, timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      this.#pending.set(id, { method, resolve: settle(resolve), reject: settle(reject), timer });
      this.#socket.write(encodeFrame([{ type: 'call', method, args: [argument] }, id]));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** An answer is `{ args }` or `{ error }`, and the id of its call. */
  #answer(frame: Buffer[]): void {
    const id = frame.at(-1);
    const call = id && this.#pending.get(String(decodeArgument(id)));
    if (!call || !frame[0]) return;
    this.#pending.delete(String(decodeArgument(id)));
    const answer = decodeArgument(frame[0]) as { args?: unknown[]; error?: unknown };
    if (answer.error !== undefined) call.reject(new Pm2Error('failed', `PM2 ${call.method}: ${String(answer.error)}`));
    else call.resolve(answer.args?.[0]);
  }
}

/** Calls back with the payload of every message of one topic; all others are skipped unread. */
export function readBus(socket: Socket, topic: string, onPayload: (payload: unknown) => void, onLost: () => void): void {
  const wanted = Buffer.from(`s:${topic}`);
  const reader = new FrameReader(
    (args) => onPayload(args[1] && decodeArgument(args[1])),
    (first) => first.equals(wanted),
  );
  feed(socket, reader);
  socket.once('close', onLost);
}

/** Bytes that cannot be understood end the connection, like an error of the socket itself: 'close' follows in both cases. */
export function feed(socket: Socket, reader: FrameReader): void {
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch {
      socket.destroy();
    }
  });
}
