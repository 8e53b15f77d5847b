import type { Socket } from 'node:net';
import { decodeArgument, FrameReader } from '../pm2/amp.ts';
import { openSocket } from '../pm2/connection.ts';

/** One piece of an app's output as the daemon publishes it, before it writes the same to the file. */
export interface Published {
  readonly pmId: number;
  readonly stream: 'out' | 'err';
  readonly bytes: Buffer;
  /** Monotonic ms at which it came. */
  readonly atMs: number;
}

/** What is kept at most; a busy backend writes this in about a second. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Listens to all apps' output on the daemon's bus for the short time of a reload (or while a disk is full). */
export class LogTap {
  readonly #socket: Socket;
  #published: Published[] = [];
  #bytes = 0;
  #overflowed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader(
      ([topic, payload]) => topic && payload && this.#take(topic.toString('latin1', 6), payload),
      (topic) => topic.toString('latin1', 0, 6) === 's:log:' && topic.length === 9,
    );
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy();
      }
    });
  }

  /** @throws Pm2Error when the daemon does not accept the connection */
  static async open(busPath: string): Promise<LogTap> {
    return new LogTap(await openSocket(busPath));
  }

  /** Oldest first. */
  get published(): readonly Published[] {
    return this.#published;
  }

  /** More came than is kept: the oldest is gone. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Forgets what came before `monotonicMs`. */
  forgetBefore(monotonicMs: number): void {
    this.#published = this.#published.filter((piece) => piece.atMs >= monotonicMs);
    this.#bytes = this.#published.reduce((sum, piece) => sum + piece.bytes.length, 0);
    this.#overflowed = false;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(topic: string, payload: Buffer): void {
    const message = decodeArgument(payload) as { data?: unknown; process?: { pm_id?: unknown } } | null;
    if ((topic !== 'out' && topic !== 'err') || typeof message?.data !== 'string') return;
    const bytes = Buffer.from(message.data);
    this.#published.push({ pmId: Number(message.process?.pm_id), stream: topic, bytes, atMs: performance.now() });
    this.#bytes += bytes.length;
    while (this.#bytes > MAX_BYTES) {
      this.#bytes -= this.#published.shift()?.bytes.length ?? 0;
      this.#overflowed = true;
    }
  }
}
