import { missingRun } from './missing.ts';
import { bytesOf, firstPieces, PieceCollector, type Pieces, pieceAt } from './pieces.ts';

/**
 * What became of one stream's output across a reload. `pending`: what was published so far does not tell yet. `unknown`: it cannot be told.
 */
export type Verdict =
  | { readonly kind: 'whole' | 'pending' | 'unknown' }
  | { readonly kind: 'missing'; readonly pieces: number; readonly bytes: Buffer };

/** What was written after the old stream's last byte. */
export interface After {
  readonly bytes: Buffer;
  /** From here on it was surely written by the reopened stream. */
  readonly reopenedAt: number;
}

/** How many of the pieces that were published last may not be written yet. */
const NEWEST = 64;
/** While the end of the old file has not been published yet, only this much of what was published before is kept. */
const KEPT_BYTES = 512 * 1024;
/** How many of the old file's last lines are looked for among what was published: with merged logs the very last ones may be others'. */
const LAST_LINES = 256;

/**
 * Follows one stream's published pieces through the end of the old file and keeps those that come after it. Pieces may be published before they
 * are written (fork mode) or, `late`, long afterwards (cluster mode, when the daemon lags behind its workers).
 */
export class StreamCheck {
  readonly #before: Buffer;
  readonly #late: boolean;
  /** What was published and is not known to stand in the old file. */
  readonly #beyond = new PieceCollector();
  /** Where in the old file the pieces have got to. */
  #position = 0;
  /** Whether the old file's end has been found among the pieces, or lies before them. */
  #placed: boolean;

  /** @param before the end of the old file, up to where it is final */
  constructor(before: Buffer, late: boolean) {
    this.#before = before;
    this.#late = late;
    this.#placed = !late;
  }

  feed(pieces: Pieces): void {
    this.#pass(pieces);
    if (!this.#placed && pieces.ends.length > 0) this.#seek();
  }

  /** Passes over the pieces with which the old file goes on. What comes after one with which it does not is not there either. */
  #pass(pieces: Pieces): void {
    for (let i = 0; i < pieces.ends.length; i++) {
      const piece = pieceAt(pieces, i);
      const passing = this.#placed && this.#beyond.count === 0;
      const start = passing ? this.#before.indexOf(piece, this.#position) : -1;
      if (start < 0) this.#beyond.add(piece);
      else this.#position = start + piece.length;
    }
  }

  /** Looks for one of the old file's last lines among the late pieces: what was published before it is of no more interest. */
  #seek(): void {
    const { bytes, ends } = this.#beyond.pieces;
    for (const { line, end } of lastLines(this.#before)) {
      const start = bytes.indexOf(line);
      if (start < 0 || !ends.includes(start + line.length)) continue;
      this.#beyond.dropFirst(start + line.length);
      this.#placed = true;
      this.#position = end;
      // The bus may be on the way to the file's end yet: the old file goes on with what follows.
      this.#pass(this.#beyond.takeAll());
      return;
    }
    if (bytes.length > 2 * KEPT_BYTES) this.#beyond.keepLast(KEPT_BYTES);
  }

  /**
   * `idle`: nobody has anything in hand, so that what is not in the file now will never be. `past`: all that was published before the reload
   * has come.
   */
  verdict(after: After, { idle, past }: { readonly idle: boolean; readonly past: boolean }): Verdict {
    const beyond = this.#beyond.pieces;
    if (beyond.ends.length === 0) return { kind: idle || past || !this.#late ? 'whole' : 'pending' };
    const judged = idle ? beyond : firstPieces(beyond, lastIn(after, beyond) + 1);
    if (judged.ends.length === 0) return { kind: 'pending' };
    const run = missingRun(judged, after.bytes);
    if (run === null) return { kind: 'whole' };
    if (run.from === 0 && !this.#placed) return { kind: 'unknown' };
    const bytes = bytesOf(judged, run.from, run.to);
    // An uncaught error: a worker publishes it with one newline more in front than it writes (PM2's ProcessContainer.js).
    if (this.#late && bytes[0] === 0x0a && after.bytes.includes(bytes.subarray(1))) return { kind: 'whole' };
    return { kind: 'missing', pieces: run.to - run.from, bytes };
  }
}

/** The index of the last piece that the reopened stream has written, among the newest ones; -1: none. */
function lastIn(after: After, pieces: Pieces): number {
  const count = pieces.ends.length;
  for (let i = count - 1; i >= Math.max(0, count - NEWEST); i--) {
    if (after.bytes.indexOf(pieceAt(pieces, i), after.reopenedAt) >= 0) return i;
  }
  return -1;
}

/** The last whole lines, from the last one backwards. The first time with three more in front of it: alone it might be ambiguous. */
function* lastLines(bytes: Buffer): Generator<{ line: Buffer; end: number }> {
  const starts = [bytes.length];
  while (starts.length <= LAST_LINES) {
    const end = starts.at(-1) ?? 0;
    if (end === 0) break;
    // A negative place would be counted from the end.
    starts.push(end < 2 ? 0 : bytes.lastIndexOf(0x0a, end - 2) + 1);
  }
  const fourth = starts[4];
  if (fourth !== undefined) yield { line: bytes.subarray(fourth), end: bytes.length };
  for (let i = 1; i < starts.length; i++) {
    const end = starts[i - 1] ?? 0;
    yield { line: bytes.subarray(starts[i], end), end };
  }
}
