import { byTime } from '../on-disk/names.ts';

/** A rotated file on the disk. */
export interface RotatedFile {
  readonly path: string;
  /** Of which live file. */
  readonly live: string;
  readonly atMs: number;
  readonly sequence: number;
  readonly bytes: number;
}

export interface Removal {
  readonly path: string;
  readonly bytes: number;
  readonly why: 'age' | 'total' | 'disk-full';
}

export interface RetentionPolicy {
  readonly retainMs: number;
  /** Of all rotated files of one app together; null: no cap. */
  readonly maxTotalBytes: number | null;
}

export interface RetentionNow {
  readonly wallMs: number;
  /** The clock is believed when it says that a file is old, see clock-trust.ts. */
  readonly byAge: boolean;
  /** Paths of files that are still to be compressed: they count, and may go, once they are. */
  readonly pending: ReadonlySet<string>;
}

/**
 * The rotated files of one app that are to go, oldest first: those older than `retainMs`, then the oldest until the rest is within
 * `maxTotalBytes`. The cap never takes the newest of a live file: however long it grew, what was just rotated is not deleted unread. A
 * file from the future is never old.
 */
export function removals(files: readonly RotatedFile[], policy: RetentionPolicy, now: RetentionNow): Removal[] {
  const sorted = files.toSorted(byTime);
  const old = now.byAge ? sorted.filter((file) => now.wallMs - file.atMs > policy.retainMs) : [];
  const kept = sorted.filter((file) => !old.includes(file));
  const over = policy.maxTotalBytes === null ? [] : oldestBeyond(kept, policy.maxTotalBytes, now.pending);
  return [...old.map((file) => removal(file, 'age')), ...over.map((file) => removal(file, 'total'))];
}

const DAY_MS = 86_400_000;

/**
 * What goes when the disk is full, oldest first, until `neededBytes` are freed; the newest of each live file stays. With `max_total` all the
 * others are there as long as there is room. With `retain` alone the last day's stay too: they tell how it came to this. A clock that
 * is not trusted (`byAge`) tells no age, and then only `max_total` frees anything.
 */
export function removalsForSpace(
  files: readonly RotatedFile[],
  policy: RetentionPolicy,
  neededBytes: number,
  now: Omit<RetentionNow, 'pending'>,
): Removal[] {
  const mayGo = ({ atMs }: RotatedFile) => policy.maxTotalBytes !== null || (now.byAge && now.wallMs - atMs > DAY_MS);
  const sorted = files.toSorted(byTime);
  const newest = newestOfEach(sorted);
  const chosen: Removal[] = [];
  let freed = 0;
  for (const file of sorted.filter((each) => mayGo(each) && !newest.has(each))) {
    if (freed >= neededBytes) break;
    chosen.push(removal(file, 'disk-full'));
    freed += file.bytes;
  }
  return chosen;
}

function oldestBeyond(sorted: readonly RotatedFile[], maxTotalBytes: number, pending: ReadonlySet<string>): RotatedFile[] {
  const newest = newestOfEach(sorted);
  const counted = sorted.filter(({ path }) => !pending.has(path));
  let total = counted.reduce((sum, file) => sum + file.bytes, 0);
  return counted.filter((file) => {
    if (total <= maxTotalBytes || newest.has(file)) return false;
    total -= file.bytes;
    return true;
  });
}

/** The newest rotated file of each live file. */
function newestOfEach(sorted: readonly RotatedFile[]): Set<RotatedFile> {
  return new Set(new Map(sorted.map((file) => [file.live, file])).values());
}

function removal(file: RotatedFile, why: Removal['why']): Removal {
  return { path: file.path, bytes: file.bytes, why };
}
