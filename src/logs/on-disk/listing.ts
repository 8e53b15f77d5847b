import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { STAMP, stemOf } from './names.ts';

/**
 * What is in a directory, read once and sorted by the live file that a name belongs to: with the logs of a thousand apps in
 * one directory, looking through all names for each of them takes half a minute.
 */
export class Listing {
  readonly names: ReadonlySet<string>;
  /** By what stands before the time stamp, without the dot of a hidden file. */
  readonly #byStem = new Map<string, string[]>();

  private constructor(names: readonly string[]) {
    this.names = new Set(names);
    for (const name of names) for (const stem of possibleStems(name)) this.#add(stem, name);
  }

  /** Empty when it cannot be read. */
  static read(directory: string): Listing {
    try {
      return new Listing(readdirSync(directory));
    } catch {
      return new Listing([]);
    }
  }

  /** The names that can belong to this live file: its rotated ones, and the copies and notes that are hidden beside them. */
  of(live: string): readonly string[] {
    return this.#byStem.get(stemOf(basename(live))) ?? [];
  }

  #add(stem: string, name: string): void {
    const known = this.#byStem.get(stem);
    if (known) known.push(name);
    else this.#byStem.set(stem, [name]);
  }
}

/** Listings that are all of one moment: each directory is read when it is first asked for. */
export class Listings {
  readonly #read = new Map<string, Listing>();

  /** Of the directory in which this live file is. */
  beside(live: string): Listing {
    const directory = dirname(live);
    const known = this.#read.get(directory);
    if (known) return known;
    const listing = Listing.read(directory);
    this.#read.set(directory, listing);
    return listing;
  }
}

/** A live file may have a time stamp in its own name, so each one in the name may be the one of the rotation. */
function possibleStems(name: string): string[] {
  const plain = name.startsWith('.') ? [name, name.slice(1)] : [name];
  return plain.flatMap((text) => [...text.matchAll(ANY_STAMP)].map((match) => text.slice(0, match.index)));
}

const ANY_STAMP = new RegExp(`-${STAMP}`, 'g');
