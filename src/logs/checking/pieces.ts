/** One stream's output in the pieces in which it was published: their bytes one after another, and where each ends. */
export interface Pieces {
  readonly bytes: Buffer;
  /** Ascending; the last one is `bytes.length`. */
  readonly ends: readonly number[];
}

export const NO_PIECES: Pieces = { bytes: Buffer.alloc(0), ends: [] };

export function pieceAt({ bytes, ends }: Pieces, index: number): Buffer {
  return bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]);
}

/** Those from `from` up to but without `to`. */
export function bytesOf({ bytes, ends }: Pieces, from: number, to: number): Buffer {
  return bytes.subarray(from === 0 ? 0 : ends[from - 1], to === 0 ? 0 : ends[to - 1]);
}

/** The first `count` of them. */
export function firstPieces({ bytes, ends }: Pieces, count: number): Pieces {
  return { bytes: bytes.subarray(0, count === 0 ? 0 : ends[count - 1]), ends: ends.slice(0, count) };
}

/** Pieces as they come in, in one growing buffer: many small ones would cost several times their size in memory. */
export class PieceCollector {
  #buffer = Buffer.allocUnsafe(4096);
  #ends: number[] = [];

  add(piece: Uint8Array): void {
    const begin = this.#ends.at(-1) ?? 0;
    const end = begin + piece.length;
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, begin);
      this.#buffer = larger;
    }
    this.#buffer.set(piece, begin);
    this.#ends.push(end);
  }

  /** Forgets the first `bytes`; a piece must end there. */
  dropFirst(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#ends.at(-1) ?? 0);
    this.#ends = this.#ends.filter((end) => end > bytes).map((end) => end - bytes);
  }

  /** Forgets the oldest, so that at most `bytes` stay. */
  keepLast(bytes: number): void {
    const length = this.#ends.at(-1) ?? 0;
    this.dropFirst(this.#ends.find((end) => length - end <= bytes) ?? length);
  }

  /** All that it holds; it is empty then. */
  takeAll(): Pieces {
    const { bytes, ends } = this.pieces;
    this.#ends = [];
    return { bytes: Buffer.from(bytes), ends };
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Valid until the next {@link add}. */
  get pieces(): Pieces {
    return { bytes: this.#buffer.subarray(0, this.#ends.at(-1) ?? 0), ends: this.#ends };
  }
}
