import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const PIECE_BYTES = 64 * 1024;

/**
 * Reads what is written to a log file from now on, through rotations: a file that was renamed is read until nothing more comes, then
 * the one that took its name; one that was truncated from its beginning. It is asked by the clock, so that it works on every file system.
 */
export class Follower {
  readonly #path: string;
  #open: Open | null = null;
  /** The renamed file, until a look finds nothing more in it. */
  #before: Open | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#open = open(path);
    if (this.#open) this.#open.offset = fstatSync(this.#open.fd).size;
  }

  /** So much of the file was there before. */
  get from(): number {
    return this.#open?.offset ?? 0;
  }

  /** The whole lines that have come since the last look. */
  look(): string[] {
    const lines: string[] = [];
    if (this.#before) {
      const rest = readOn(this.#before);
      lines.push(...rest);
      if (rest.length === 0) this.#letGoBefore(lines);
    }
    const now = inodeOf(this.#path);
    if (this.#open && now !== null && now !== this.#open.inode) {
      lines.push(...readOn(this.#open));
      this.#letGoBefore(lines);
      this.#before = this.#open;
      this.#open = null;
    }
    this.#open ??= open(this.#path);
    if (this.#open && !this.#before) lines.push(...readOn(this.#open));
    return lines;
  }

  close(): void {
    for (const file of [this.#before, this.#open]) if (file) closeSync(file.fd);
    this.#before = null;
    this.#open = null;
  }

  #letGoBefore(lines: string[]): void {
    if (!this.#before) return;
    if (this.#before.rest !== '') lines.push(this.#before.rest);
    closeSync(this.#before.fd);
    this.#before = null;
  }
}

interface Open {
  readonly fd: number;
  readonly inode: number;
  readonly decoder: StringDecoder;
  offset: number;
  /** The beginning of a line whose end has not come yet. */
  rest: string;
}

function open(path: string): Open | null {
  try {
    const fd = openSync(path, 'r');
    return { fd, inode: fstatSync(fd).ino, decoder: new StringDecoder('utf8'), offset: 0, rest: '' };
  } catch {
    return null;
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

function readOn(file: Open): string[] {
  if (fstatSync(file.fd).size < file.offset) file.offset = 0;
  const buffer = Buffer.alloc(PIECE_BYTES);
  let text = file.rest;
  for (;;) {
    const bytes = readSync(file.fd, buffer, 0, buffer.length, file.offset);
    if (bytes === 0) break;
    file.offset += bytes;
    text += file.decoder.write(buffer.subarray(0, bytes));
  }
  const lines = text.split('\n');
  file.rest = lines.pop() ?? '';
  return lines.map((line) => line.replace(/\r$/, '')).filter((line) => line !== '');
}
