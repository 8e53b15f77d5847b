/** A run of chunks, from `from` up to but without `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * What the daemon dropped: it publishes each chunk of output on its bus and then writes it to the file, in the same order. `chunks` are
 * those of one stream as they were published, `written` the bytes that arrived in the meantime (other streams' among them, when
 * logs are merged). A reload drops what was waiting at that moment, so what is missing is one run: the shortest one without
 * which all others are found in `written`, in order. null: nothing is missing.
 */
export function missingRun(chunks: readonly Buffer[], written: Buffer): Run | null {
  const ends = endsFromLeft(chunks, written);
  const starts = startsFromRight(chunks, written);
  let best: Run | null = null;
  let to = 0;
  for (let from = 0; from < ends.length; from++) {
    to = Math.max(to, from);
    // starts[to] grows with `to`: the smallest one at or after this end.
    while (at(starts, to) < at(ends, from)) to++;
    if (best === null || to - from < best.to - best.from) best = { from, to };
    if (to === from) return null;
  }
  return best;
}

/** `[m]`: the earliest end of the first m chunks, as far as all of them are there. */
function endsFromLeft(chunks: readonly Buffer[], written: Buffer): number[] {
  const ends = [0];
  for (const chunk of chunks) {
    const start = written.indexOf(chunk, at(ends, -1));
    if (start < 0) break;
    ends.push(start + chunk.length);
  }
  return ends;
}

/** `[l]`: the latest start of the chunks from l on; -1 where they are not all there. */
function startsFromRight(chunks: readonly Buffer[], written: Buffer): number[] {
  const starts = new Array<number>(chunks.length + 1).fill(-1);
  starts[chunks.length] = written.length;
  for (let l = chunks.length - 1; l >= 0; l--) {
    const chunk = chunks[l] ?? Buffer.alloc(0);
    const limit = at(starts, l + 1) - chunk.length;
    const start = limit < 0 ? -1 : written.lastIndexOf(chunk, limit);
    if (start < 0) break;
    starts[l] = start;
  }
  return starts;
}

function at(numbers: readonly number[], index: number): number {
  return numbers.at(index) ?? Number.POSITIVE_INFINITY;
}
