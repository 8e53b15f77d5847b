import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Room } from '../room.ts';

/** How late checks came after they were due, in ms, seen from the server that answers them. */
export interface Checks {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Endpoints that nobody has asked for two intervals. */
  readonly missing: number;
}

/** A server in a process of its own that answers 200 for any number of endpoints. */
export class Stub {
  readonly port: number;
  readonly #child: ChildProcess;
  #startedAt = 0;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(room: Room, intervalMs: number): Promise<Stub> {
    const script = fileURLToPath(new URL('stub.cjs', import.meta.url));
    const child = fork(script, [String(intervalMs)], { env: room.env, execArgv: [] });
    const [port] = (await once(child, 'message')) as [number];
    return new Stub(port, child);
  }

  /** Counts from now on. */
  startCounting(): void {
    this.#startedAt = performance.now();
    this.#child.send('start');
  }

  async report(): Promise<Checks> {
    const answered = once(this.#child, 'message');
    this.#child.send('report');
    const [{ requests, ...rest }] = (await answered) as [Omit<Checks, 'perSecond'> & { requests: number }];
    return { ...rest, perSecond: (requests * 1000) / (performance.now() - this.#startedAt) };
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
