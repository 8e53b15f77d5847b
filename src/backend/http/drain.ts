import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Still listening, but every answer says `connection: close`: clients at work leave by themselves, and none meets a closing door. */
const LAME_DUCK_MS = 100;
/** For a request of which only a part has come when the shutdown begins. */
const PARTIAL_REQUEST_MS = 1_000;

/**
 * Knows which connections have a request in progress, so that a shutdown ends the others at once and these after their answer.
 * Node's own `closeIdleConnections` does not count one that never sent a request, and would wait for it for a minute.
 */
export class Drain {
  draining = false;
  readonly #requests = new Map<Socket, number>();

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
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
        this.#count(socket, -1);
        if (this.draining && this.#requests.get(socket) === 0) socket.destroySoon();
      });
    });
  }

  /** Resolves when the server may stop listening; idle connections are then ended. */
  async lameDuck(): Promise<void> {
    this.draining = true;
    await sleep(LAME_DUCK_MS);
    setImmediate(() => this.#endIdle((socket) => socket.bytesRead === 0));
    setTimeout(() => this.#endIdle(() => true), PARTIAL_REQUEST_MS).unref();
  }

  #endIdle(which: (socket: Socket) => boolean): void {
    for (const [socket, requests] of this.#requests) if (requests === 0 && which(socket)) socket.destroy();
  }

  #count(socket: Socket, by: number): void {
    const before = this.#requests.get(socket);
    if (before !== undefined) this.#requests.set(socket, before + by);
  }
}
