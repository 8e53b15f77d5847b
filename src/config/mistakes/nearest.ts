/** The candidate that was most likely meant, or null. Case, `-` and `_` do not count: maxRestarts is max_restarts. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const wanted = plain(word);
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(Math.max(wanted.length, best.candidate.length) / 3))
    ? best.candidate
    : null;
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(before, column - 2) + 1);
      current.push(best);
    }
    [before, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}
