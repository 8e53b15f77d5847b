import { type Pieces, pieceAt } from './pieces.ts';

/** A run of pieces, from `from` up to but without `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * What the daemon dropped: it publishes each piece of output on its bus and then writes it to the file, in the same order. `published` is
 * one stream's output, `written` the bytes that arrived in the meantime (other streams' among them, when logs are merged). A reload
 * drops what was waiting at that moment, so what is missing is one run: the shortest one without which all others are found in
 * `written`, in order. null: nothing is missing.
 */
export function missingRun(published: Pieces, written: Buffer): Run | null {
  const ends = endsFromLeft(published, written);
  if (ends.length > published.ends.length) return null;
  const starts = startsFromRight(published, written);
  let best: Run = { from: 0, to: published.ends.length };
  let to = 0;
  for (let from = 0; from < ends.length; from++) {
    to = Math.max(to, from);
    // Starts grow with `to`: the smallest one at or after this end.
    while (at(starts, to) < at(ends, from)) to++;
    if (to - from < best.to - best.from) best = { from, to };
  }
  return best;
}

/** `[m]`: the earliest end of the first m pieces, as far as all of them are there. */
function endsFromLeft(published: Pieces, written: Buffer): number[] {
  const ends = [0];
  for (let i = 0; i < published.ends.length; i++) {
    const piece = pieceAt(published, i);
    const start = written.indexOf(piece, at(ends, i));
    if (start < 0) break;
    ends.push(start + piece.length);
  }
  return ends;
}

/** `[l]`: the latest start of the pieces from l on; -1 where they are not all there. */
function startsFromRight(published: Pieces, written: Buffer): number[] {
  const count = published.ends.length;
  const starts = new Array<number>(count + 1).fill(-1);
  starts[count] = written.length;
  for (let l = count - 1; l >= 0; l--) {
    const piece = pieceAt(published, l);
    const limit = at(starts, l + 1) - piece.length;
    const start = limit < 0 ? -1 : written.lastIndexOf(piece, limit);
    if (start < 0) break;
    starts[l] = start;
  }
  return starts;
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.POSITIVE_INFINITY;
}
