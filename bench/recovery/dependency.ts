import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePort } from '../../test/support/port.ts';

/** Something that a victim needs: a TCP server that can go away and come back on its port. */
export class Dependency {
  readonly port: number;
  #server: Server | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async create(): Promise<Dependency> {
    const dependency = new Dependency(await freePort());
    await dependency.listen();
    return dependency;
  }

  async listen(): Promise<void> {
    this.#server = createServer((socket) => socket.on('error', () => {}).resume());
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.close();
    await once(server, 'close');
  }
}
