import type { Socket } from 'node:net';
import { decodeArgument, FrameReader } from '../../pm2/daemon/amp.ts';
import { feed, openSocket } from '../../pm2/daemon/connection.ts';
import { NO_PIECES, PieceCollector, type Pieces } from './pieces.ts';

/** What is kept at most of one stream: of what was published before a reload, the newest is enough. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What a cluster worker prints once it has reopened its files. */
const RELOADED = 'Reloading log...';

/** Listens to all apps' output on the daemon's bus for the short time of a reload (or while a disk is full). */
export class LogTap {
  readonly #socket: Socket;
  #streams = new Map<string, PieceCollector>();
  readonly #reloaded = new Set<number>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader(
      ([topic, payload]) => topic && payload && this.#receive(topic.toString('latin1', 6), payload),
      (topic) => topic.toString('latin1', 0, 6) === 's:log:' && topic.length === 9,
    );
    feed(socket, reader);
  }

  /** @throws Pm2Error when the daemon does not accept the connection */
  static async open(busPath: string): Promise<LogTap> {
    return new LogTap(await openSocket(busPath));
  }

  /** Takes out what one of a process's output streams has published since the last time. */
  take(pmId: number, stream: 'out' | 'err'): Pieces {
    const collector = this.#streams.get(`${pmId} ${stream}`);
    if (!collector) return NO_PIECES;
    this.#streams.delete(`${pmId} ${stream}`);
    return collector.pieces;
  }

  /**
   * Whether this cluster worker has said that it reopened its files: it prints so itself after it did (PM2's ProcessContainer.js). Its messages come in
   * order, so all that it published before has come.
   */
  hasReloaded(pmId: number): boolean {
    return this.#reloaded.has(pmId);
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#streams = new Map();
    this.#reloaded.clear();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(topic: string, payload: Buffer): void {
    const message = decodeArgument(payload) as { data?: unknown; process?: { pm_id?: unknown } } | null;
    if ((topic !== 'out' && topic !== 'err') || typeof message?.data !== 'string') return;
    if (message.data.includes(RELOADED)) this.#reloaded.add(Number(message.process?.pm_id));
    const key = `${message.process?.pm_id} ${topic}`;
    const collector = this.#streams.get(key) ?? new PieceCollector();
    this.#streams.set(key, collector);
    collector.add(Buffer.from(message.data));
    if (collector.pieces.bytes.length > MAX_BYTES) collector.keepLast(MAX_BYTES / 2);
  }
}
