import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Nobody has connected for so long, and nobody is about to get an answer and connect anew: then the server stops listening … */
const QUIET_FOR_MS = 5;
/** … if we have just looked: a longer turn than this, on a busy machine, may have let somebody in unseen … */
const JUST_LOOKED_MS = 1;
/** … and after this in any case. */
const QUIET_WITHIN_MS = 250;
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
  #active = 0;
  #lastAccepted = 0;
  #held: (() => void)[] | null = null;
  readonly #served = new WeakSet<Socket>();
  readonly #requests = new Map<Socket, number>();

  watch(server: Server): void {
    server.closeIdleConnections = () => undefined;
    server.on('connection', (socket: Socket) => {
      this.#lastAccepted = performance.now();
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
    const held: (() => void)[] = [];
    this.#held = held;
    const start = performance.now();
    this.#lastAccepted = start;
    for (let before = start, now = start; now - start < QUIET_WITHIN_MS; before = now) {
      await nextTurn();
      now = performance.now();
      const isQuiet = now - this.#lastAccepted > QUIET_FOR_MS && this.#active === held.length;
      if (isQuiet && now - before < JUST_LOOKED_MS) return;
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
    this.#active += by;
    const before = this.#requests.get(socket);
    if (before !== undefined) this.#requests.set(socket, before + by);
  }
}
