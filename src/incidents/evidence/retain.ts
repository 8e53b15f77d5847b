import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPolicy } from '../../config/resolved.ts';
import { type EvidenceName, parseEvidenceName, plain } from './folder-name.ts';

/** A folder of evidence on the disk. */
export interface KeptFolder extends EvidenceName {
  readonly name: string;
  readonly bytes: number;
}

export type KeepPolicy = Pick<LogPolicy, 'retainMs' | 'maxTotalBytes'>;

/** Where `max_total` sets no cap: a backend that crashes all night has some 1,000 folders. */
const MOST_BYTES = 50 * 1024 ** 2;
/** Of backends that are no longer configured. */
const ELSE: KeepPolicy = { retainMs: 10 * 86_400_000, maxTotalBytes: null };

/**
 * The names of those that are to go: older than `retain`, then the oldest until a backend's are within `max_total`. The newest
 * of each stays, whatever its size. Pure.
 * @param policies by backend
 */
export function goingOf(folders: readonly KeptFolder[], policies: ReadonlyMap<string, KeepPolicy>, now: number): string[] {
  const backends = [...new Set(folders.map(({ backend }) => backend))];
  return backends.flatMap((backend) => {
    const { retainMs, maxTotalBytes } = policies.get(backend) ?? ELSE;
    const newestFirst = folders.filter((folder) => folder.backend === backend).toSorted((a, b) => b.at - a.at);
    let total = 0;
    return newestFirst.flatMap(({ name, at, bytes }, i) => {
      total += bytes;
      return i > 0 && (now - at > retainMs || total > (maxTotalBytes ?? MOST_BYTES)) ? [name] : [];
    });
  });
}

/** Removes what is to go. Rejects when the folder cannot be read. */
export async function retainEvidence(
  directory: string,
  backends: readonly { readonly name: string; readonly logs: KeepPolicy }[],
  now: number,
): Promise<void> {
  const policies = new Map(backends.map(({ name, logs }) => [plain(name), logs]));
  for (const name of goingOf(await foldersIn(directory), policies, now))
    await rm(join(directory, name), { recursive: true, force: true });
}

async function foldersIn(directory: string): Promise<KeptFolder[]> {
  const names = await readdir(directory);
  const folders = names.map(async (name) => {
    const parsed = parseEvidenceName(name);
    return parsed === null ? [] : [{ name, ...parsed, bytes: await bytesIn(join(directory, name)) }];
  });
  return (await Promise.all(folders)).flat();
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
