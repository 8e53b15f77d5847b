import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/port.ts';

/** What a victim answers while nothing is done to it. */
export type Behaviour = 'well' | 'slow' | 'flapping' | 'pauses' | 'dependency-down';

/** One process of the victim, from its start on. */
export interface Life {
  readonly pid: number;
  /** Resolves when somebody other than the bench has asked it. */
  readonly checked: Promise<void>;
  /** `crash`: exits with status 1. `break`: answers 503 from now on. `hang`: its event loop stands still. */
  command(name: 'crash' | 'break' | 'hang'): void;
}

/**
 * A backend under test, seen from the bench: whoever starts `script` with `args` starts it. Each start reports over a control
 * connection, so no polling disturbs it or its watcher.
 */
export class Victim {
  readonly script = fileURLToPath(new URL('victim.cjs', import.meta.url));
  readonly lives: Life[] = [];
  readonly port: number;
  readonly behaviour: Behaviour;
  readonly dependencyPort: number;
  readonly #control: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, behaviour: Behaviour, dependencyPort: number, control: Server) {
    this.port = port;
    this.behaviour = behaviour;
    this.dependencyPort = dependencyPort;
    this.#control = control;
    control.on('connection', (socket) => this.#welcome(socket));
  }

  static async create(behaviour: Behaviour = 'well', dependencyPort = 0): Promise<Victim> {
    const control = createServer().listen(0, '127.0.0.1');
    await once(control, 'listening');
    return new Victim(await freePort(), behaviour, dependencyPort, control);
  }

  get args(): string[] {
    const { port } = this.#control.address() as AddressInfo;
    return [this.port, port, this.behaviour, this.dependencyPort].map(String);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/health`;
  }

  /** The process that answers 200, if it is not one of the first `past` that were started. @returns null after `boundMs` */
  async answering(past: number, boundMs: number): Promise<Life | null> {
    const end = performance.now() + boundMs;
    while (performance.now() < end) {
      const fresh = this.lives.slice(past);
      const pid = fresh.length > 0 ? await this.#ask() : null;
      const life = fresh.find((each) => each.pid === pid);
      if (life) return life;
      await sleep(5);
    }
    return null;
  }

  close(): void {
    this.#control.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    let whenChecked = () => {};
    const checked = new Promise<void>((resolve) => {
      whenChecked = resolve;
    });
    socket.setNoDelay(true).setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      for (const line of text.trim().split('\n')) {
        const [word, pid] = line.split(' ');
        if (word === 'hello') this.lives.push({ pid: Number(pid), checked, command: (name) => socket.write(`${name}\n`) });
        if (word === 'checked') whenChecked();
      }
    });
  }

  /** The pid of the process that answers 200, or null. */
  #ask(): Promise<number | null> {
    return new Promise((resolve) => {
      const headers = { 'user-agent': 'lifeguard-bench' };
      const asked = request(this.url, { agent: false, headers, timeout: 200 }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? (JSON.parse(body) as { pid: number }).pid : null));
        response.on('error', () => resolve(null));
      });
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => resolve(null));
      asked.end();
    });
  }
}
