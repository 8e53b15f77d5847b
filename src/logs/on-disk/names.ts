import { basename, extname } from 'node:path';

/**
 * A rotated file, told by its name alone: `api-out-2026-11-24T00-00-00Z.log`, with `_002` before the extension for the second
 * rotation within one second, and `.gz` at the end once it is compressed.
 */
export interface RotatedName {
  /** Of the rotation, wall clock ms, whole seconds. */
  readonly atMs: number;
  /** 1 for the first rotation within that second. */
  readonly sequence: number;
  readonly compressed: boolean;
}

/** More than this many rotations of one file within one second wait for the next second. */
export const MAX_SEQUENCE = 999;

/** A pattern: the time of a rotation and its number within that second. */
export const STAMP = String.raw`(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:_(\d{3}))?`;

/** `2026-11-24T00-00-00Z`: UTC, so that names sort by time through every change of the local clock. */
export function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

/** The plain (not compressed) name that `live` gets when it is rotated. `_` sorts after `.`, so a later sequence sorts later. */
export function rotatedName(live: string, atMs: number, sequence = 1): string {
  const { stem, extension } = partsOf(live);
  const suffix = sequence === 1 ? '' : `_${String(sequence).padStart(3, '0')}`;
  return `${stem}-${stampOf(atMs)}${suffix}${extension}`;
}

/** What `name` says if it is exactly a rotated name of `live`, else null. Nothing else in a directory is ever deleted or compressed. */
export function parseRotated(live: string, name: string): RotatedName | null {
  const { stem, extension } = partsOf(live);
  const match = new RegExp(`^${literal(stem)}-${STAMP}${literal(extension)}(\\.gz)?$`).exec(name);
  if (match?.[1] === undefined) return null;
  const atMs = Date.parse(match[1].replace(/T(\d\d)-(\d\d)-(\d\d)Z/, 'T$1:$2:$3Z'));
  const sequence = match[2] === undefined ? 1 : Number(match[2]);
  // A day such as 31 February is read as a day in March: not a name that rotatedName makes.
  if (Number.isNaN(atMs) || stampOf(atMs) !== match[1] || (match[2] !== undefined && sequence < 2)) return null;
  return { atMs, sequence, compressed: match[3] !== undefined };
}

/** Oldest first. */
export function byTime(a: { atMs: number; sequence: number }, b: { atMs: number; sequence: number }): number {
  return a.atMs - b.atMs || a.sequence - b.sequence;
}

/**
 * The first name for a rotation of `live` at `atMs` that neither a plain nor a compressed file has yet.
 * null: this second is full (see {@link MAX_SEQUENCE}).
 */
export function freeName(live: string, atMs: number, taken: ReadonlySet<string>): string | null {
  for (let sequence = 1; sequence <= MAX_SEQUENCE; sequence++) {
    const name = rotatedName(live, atMs, sequence);
    if (!taken.has(name) && !taken.has(`${name}.gz`)) return name;
  }
  return null;
}

/** A live file's name without its extension: what its rotated names begin with. */
export function stemOf(live: string): string {
  return partsOf(live).stem;
}

function partsOf(live: string): { stem: string; extension: string } {
  const name = basename(live);
  const extension = extname(name);
  return { stem: name.slice(0, name.length - extension.length), extension };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}
