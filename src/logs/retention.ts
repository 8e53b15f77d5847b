import { byTime } from './names.ts';

/** A rotated file on the disk. */
export interface RotatedFile {
  readonly path: string;
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

/**
 * The rotated files of one app that are to go, oldest first: those older than `retainMs` (only when `byAge`: see clock-trust.ts), then
 * the oldest until the rest is within `maxTotalBytes`. A file from the future is never old.
 */
export function removals(
  files: readonly RotatedFile[],
  policy: RetentionPolicy,
  now: { readonly wallMs: number; readonly byAge: boolean },
): Removal[] {
  const sorted = files.toSorted(byTime);
  const old = now.byAge ? sorted.filter((file) => now.wallMs - file.atMs > policy.retainMs) : [];
  const kept = sorted.filter((file) => !old.includes(file));
  const over = policy.maxTotalBytes === null ? [] : oldestBeyond(kept, policy.maxTotalBytes);
  return [...old.map((file) => removal(file, 'age')), ...over.map((file) => removal(file, 'total'))];
}

/**
 * What may go when the disk is full: with `max_total` the older files are there as long as there is room, so they go, oldest first, until
 * `neededBytes` are freed, but the newest stays. Without it `retain` is a promise, and nothing goes before its time.
 */
export function removalsForSpace(files: readonly RotatedFile[], policy: RetentionPolicy, neededBytes: number): Removal[] {
  if (policy.maxTotalBytes === null) return [];
  const chosen: Removal[] = [];
  let freed = 0;
  for (const file of files.toSorted(byTime).slice(0, -1)) {
    if (freed >= neededBytes) break;
    chosen.push(removal(file, 'disk-full'));
    freed += file.bytes;
  }
  return chosen;
}

function oldestBeyond(sorted: readonly RotatedFile[], maxTotalBytes: number): RotatedFile[] {
  let total = sorted.reduce((sum, file) => sum + file.bytes, 0);
  return sorted.filter((file) => {
    if (total <= maxTotalBytes) return false;
    total -= file.bytes;
    return true;
  });
}

function removal(file: RotatedFile, why: Removal['why']): Removal {
  return { path: file.path, bytes: file.bytes, why };
}
