/** One stream's output in the pieces in which it was published: their bytes one after another, and where each ends. */
export interface Pieces {
  readonly bytes: Buffer;
  /** Ascending; the last one is `bytes.length`. */
  readonly ends: readonly number[];
}

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

/** Joins buffers only now and then: many small pieces would otherwise cost several times their size in memory. */
const JOIN_EVERY = 256;

/** Pieces as they come in. */
export class PieceCollector {
  #parts: Buffer[] = [];
  #ends: number[] = [];

  add(piece: Buffer): void {
    this.#parts.push(piece);
    this.#ends.push((this.#ends.at(-1) ?? 0) + piece.length);
    if (this.#parts.length > JOIN_EVERY) this.#parts = [Buffer.concat(this.#parts)];
  }

  get pieces(): Pieces {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return { bytes: this.#parts[0] ?? Buffer.alloc(0), ends: this.#ends };
  }
}
