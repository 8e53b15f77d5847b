import type { Socket } from 'node:net';
import { decodeArgument, FrameReader } from '../pm2/amp.ts';
import { openSocket } from '../pm2/connection.ts';
import { PieceCollector, type Pieces } from './pieces.ts';

/** What is kept at most. A backend that writes this much before it is compared is not verified. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Listens to all apps' output on the daemon's bus for the short time of a reload (or while a disk is full). */
export class LogTap {
  readonly #socket: Socket;
  #streams = new Map<string, PieceCollector>();
  #bytes = 0;

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

  /** What one of a process's output streams published since the begin, or since {@link clear}, before the daemon wrote the same to the file. */
  published(pmId: number, stream: 'out' | 'err'): Pieces {
    return this.#streams.get(`${pmId} ${stream}`)?.pieces ?? NOTHING;
  }

  /** More came than is kept: the rest is not known. */
  get overflowed(): boolean {
    return this.#bytes > MAX_BYTES;
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#streams = new Map();
    this.#bytes = 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(topic: string, payload: Buffer): void {
    const message = decodeArgument(payload) as { data?: unknown; process?: { pm_id?: unknown } } | null;
    if ((topic !== 'out' && topic !== 'err') || typeof message?.data !== 'string') return;
    const bytes = Buffer.from(message.data);
    this.#bytes += bytes.length;
    if (this.overflowed) return;
    const key = `${message.process?.pm_id} ${topic}`;
    const collector = this.#streams.get(key) ?? new PieceCollector();
    this.#streams.set(key, collector);
    collector.add(bytes);
  }
}

const NOTHING: Pieces = { bytes: Buffer.alloc(0), ends: [] };
