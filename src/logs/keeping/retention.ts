import { byTime } from '../on-disk/names.ts';

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

const DAY_MS = 86_400_000;

/**
 * What goes when the disk is full, oldest first, until `neededBytes` are freed; the newest stays. With `max_total` all the others are
 * there as long as there is room. With `retain` alone the last day's stay too: they tell how it came to this. A clock that is not trusted
 * (`byAge`) tells no age, and then only `max_total` frees anything.
 */
export function removalsForSpace(
  files: readonly RotatedFile[],
  policy: RetentionPolicy,
  neededBytes: number,
  now: { readonly wallMs: number; readonly byAge: boolean },
): Removal[] {
  const mayGo = ({ atMs }: RotatedFile) => policy.maxTotalBytes !== null || (now.byAge && now.wallMs - atMs > DAY_MS);
  const chosen: Removal[] = [];
  let freed = 0;
  for (const file of files.toSorted(byTime).slice(0, -1).filter(mayGo)) {
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
