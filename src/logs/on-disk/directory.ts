import { lstatSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FileId, fileId } from '../../host/file-id.ts';
import type { RotatedFile } from '../keeping/retention.ts';
import type { LogSource } from '../sources.ts';
import { Listing, Listings } from './listing.ts';
import { byTime, parseRotated } from './names.ts';

/** A rotated file of one live file, as found. */
export interface Found extends RotatedFile {
  readonly compressed: boolean;
  readonly id: FileId;
  readonly modifiedMs: number;
}

/** The rotated files of one live file, oldest first. Regular files only: a symbolic link is never one. */
export function rotatedFilesOf(live: string, listing: Listing = Listing.read(dirname(live))): Found[] {
  return listing
    .of(live)
    .flatMap((name) => {
      const parsed = parseRotated(basename(live), name);
      const path = join(dirname(live), name);
      const stat = parsed && lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (!parsed || !stat?.isFile()) return [];
      return [{ ...parsed, path, live, bytes: Number(stat.size), id: fileId(stat), modifiedMs: Number(stat.mtimeMs) }];
    })
    .sort(byTime);
}

/** Rotated files per app, for retention; each file once, also where two live files could claim it. Live files are never among them. */
export function rotatedByApp(sources: readonly LogSource[]): Map<string, { source: LogSource; files: Found[] }> {
  const seen = new Set(sources.map((source) => source.path));
  const listings = new Listings();
  const byApp = new Map<string, { source: LogSource; files: Found[] }>();
  for (const source of sources) {
    const own = rotatedFilesOf(source.path, listings.beside(source.path)).filter((file) => !seen.has(file.path));
    for (const file of own) seen.add(file.path);
    const app = byApp.get(source.app) ?? { source, files: [] };
    byApp.set(source.app, { source: app.source, files: [...app.files, ...own] });
  }
  return byApp;
}

/** Of the path itself, not of what a symbolic link points to. undefined: it is not there, or may not be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
