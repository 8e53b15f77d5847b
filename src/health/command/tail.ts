import type { Readable } from 'node:stream';

/** Of what a command prints, at most this much is kept, the last of it. */
const KEPT_BYTES = 4 * 1024;
/** A command that prints without end is read no faster than so much in so long: 100 MB a second. */
const PIECE_BYTES = 1024 * 1024;
const REST_MS = 10;

/** Reads streams to their end, in bounded memory and at a bounded speed, and keeps the last of them together, in the order of arrival. */
export class Tail {
  #kept = Buffer.alloc(0);
  #sinceRest = 0;

  read(stream: Readable): void {
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      const both = Buffer.concat([this.#kept, chunk.subarray(-KEPT_BYTES)]);
      this.#kept = both.subarray(-KEPT_BYTES);
      this.#sinceRest += chunk.length;
      if (this.#sinceRest < PIECE_BYTES) return;
      this.#sinceRest = 0;
      stream.pause();
      setTimeout(() => stream.resume(), REST_MS).unref();
    });
  }

  /** Without control characters other than line ends; a character that was cut is left out. */
  get text(): string {
    const from = this.#kept.findIndex((byte) => (byte & 0xc0) !== 0x80);
    return this.#kept
      .subarray(Math.max(0, from))
      .toString('utf8')
      .replace(/\r\n?/g, '\n')
      .replace(/[^\P{Cc}\n\t]/gu, '');
  }
}
