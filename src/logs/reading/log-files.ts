import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Listing } from '../on-disk/listing.ts';
import { byTime, parseRotated } from '../on-disk/names.ts';

/** One file of a log: the live one, or one that was rotated. */
export interface LogFile {
  readonly path: string;
  readonly compressed: boolean;
  /** Its lines are no older than this, wall clock ms; null: nobody knows. */
  readonly beginsAt: number | null;
  /** Its lines are no younger; null: it is the live one. */
  readonly endsAt: number | null;
  /** Only so much of it is meant; null: all. */
  readonly bytes: number | null;
}

/**
 * All that there is of a log, the oldest first, the live file last.
 * @param bytes so much of the live file, as somebody else has the rest; null: all
 */
export function logFiles(live: string, bytes: number | null = null): LogFile[] {
  const directory = dirname(live);
  const rotated = Listing.read(directory)
    .of(live)
    .flatMap((name) => {
      const parsed = parseRotated(live, name);
      return parsed ? [{ name, ...parsed }] : [];
    })
    .sort(byTime);
  // For a moment an archive and what it was made of are both there.
  const once = rotated.filter(({ name }, index) => !rotated.some((other, at) => at !== index && other.name === `${name}.gz`));
  const files = once.map(({ name, compressed, atMs }, index): LogFile => {
    return { path: join(directory, name), compressed, beginsAt: once[index - 1]?.atMs ?? null, endsAt: atMs, bytes: null };
  });
  if (!existsSync(live)) return files;
  return [...files, { path: live, compressed: false, beginsAt: once.at(-1)?.atMs ?? null, endsAt: null, bytes }];
}
