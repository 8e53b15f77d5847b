import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** For a turn of the event loop in which nobody connects, to stop listening in. */
const QUIET_WITHIN_MS = 100;
/** For a next request on a connection that is kept alive: it is answered, with `connection: close`, and no client at work is cut off. */
const LINGER_MS = 100;
/** For the first byte on a connection that was made just before. */
const SILENT_MS = 250;
/** For the rest of a request of which only a part has come. */
const PARTIAL_REQUEST_MS = 1_000;

/**
 * Knows which connections have a request in progress, so that a shutdown ends the others soon and these after their answer. Node's
 * own `closeIdleConnections` cuts a connection on which a request is just arriving, and waits a minute for one that never sent any.
 */
export class Drain {
  draining = false;
  #accepted = 0;
  #held: (() => void)[] | null = null;
  readonly #served = new WeakSet<Socket>();
  readonly #requests = new Map<Socket, number>();

  watch(server: Server): void {
    server.closeIdleConnections = () => undefined;
    server.on('connection', (socket: Socket) => {
      this.#accepted += 1;
      this.#requests.set(socket, 0);
      socket.once('close', () => this.#requests.delete(socket));
    });
    // A WebSocket is closed by its own protocol.
    server.on('upgrade', (_request, socket: Socket) => this.#requests.delete(socket));
    server.prependListener('request', (request, response) => {
      const { socket } = request;
      this.#count(socket, 1);
      if (this.draining) response.setHeader('connection', 'close');
      response.once('close', () => {
        this.#served.add(socket);
        this.#count(socket, -1);
        if (this.draining && this.#requests.get(socket) === 0) socket.destroySoon();
      });
    });
  }

  /**
   * Resolves at a moment at which nobody is just connecting: who waits in the kernel's queue when the server stops listening is
   * reset. Node takes one connection a turn from there; until then requests that come in are held, so that their clients, once
   * answered, do not queue up again at once.
   */
  async quiet(): Promise<void> {
    const end = performance.now() + QUIET_WITHIN_MS;
    this.#held = [];
    await nextTurn(); // the rest of this one
    for (let before = -1; before !== this.#accepted && performance.now() < end; ) {
      before = this.#accepted;
      await nextTurn();
    }
  }

  /** Calls back at once, or after the server has stopped listening. */
  admit(proceed: () => void): void {
    if (this.#held) this.#held.push(proceed);
    else proceed();
  }

  /** The server stops listening now: every answer from here on is the last one on its connection. */
  begin(): void {
    this.draining = true;
    const held = this.#held ?? [];
    this.#held = null;
    setImmediate(() => {
      for (const proceed of held) proceed();
    });
    const later = (ms: number, which: (socket: Socket) => boolean) => setTimeout(() => this.#endIdle(which), ms).unref();
    later(LINGER_MS, (socket) => this.#served.has(socket));
    later(SILENT_MS, (socket) => socket.bytesRead === 0);
    later(PARTIAL_REQUEST_MS, () => true);
  }

  #endIdle(which: (socket: Socket) => boolean): void {
    for (const [socket, requests] of this.#requests) if (requests === 0 && which(socket)) socket.destroy();
  }

  #count(socket: Socket, by: number): void {
    const before = this.#requests.get(socket);
    if (before !== undefined) this.#requests.set(socket, before + by);
  }
}
