import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body, if it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What is answered; 'hang': nothing, ever. */
export type Behaviour = (received: Received, count: number) => Reply | 'hang';

/** An HTTP service that alerts go to, as a real server on a port of its own. It can be down, and come back on the same port. */
export class Receiver {
  readonly received: Received[] = [];
  behaviour: Behaviour;
  port = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(behaviour: Behaviour = () => ({})) {
    this.behaviour = behaviour;
  }

  static async start(behaviour?: Behaviour): Promise<Receiver> {
    const receiver = new Receiver(behaviour);
    await receiver.start();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const received = { at: performance.now(), method, path, headers, body, json: parsed(body) };
        this.received.push(received);
        answer(response, this.behaviour(received, this.received.length));
      });
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses connections from now on. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Of each message in the order of its first arrival: what a receiver that knows the key keeps. */
  byKey(): Received[] {
    const keys = new Set<unknown>();
    return this.received.filter(({ json }) => !keys.has(json.key) && keys.add(json.key));
  }

  titles(): string[] {
    return this.received.map(({ json }) => String(json.title ?? json.text ?? ''));
  }
}

function answer(response: ServerResponse, reply: Reply | 'hang'): void {
  if (reply === 'hang') return;
  response.writeHead(reply.status ?? 200, { connection: 'close', ...reply.headers }).end(reply.body ?? 'ok');
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}
