import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Lines that a full disk refused are kept in memory up to here, in bytes; what comes then is dropped and counted. */
const BACKLOG_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 1_000;

/**
 * A file that lines are appended to, each by one synchronous write: what was logged before a crash is in the file.
 * Rotated from outside by a rename: within a second it sees that its path is another file or none, and opens it anew; the lines
 * written in between are in the renamed file, so that none is lost. No error of the disk is ever thrown at the caller.
 */
export class LineFile {
  readonly path: string;
  #descriptor: number | null = null;
  #unwritten: Buffer = Buffer.alloc(0);
  #dropped = 0;
  readonly #watch: NodeJS.Timeout;

  constructor(path: string) {
    this.path = path;
    this.#open();
    this.#watch = setInterval(() => this.reopenIfMoved(), LOOK_EVERY_MS).unref();
  }

  write(line: string): void {
    this.#append(Buffer.from(line));
  }

  reopenIfMoved(): void {
    if (this.#descriptor !== null && this.#isStillThere(this.#descriptor)) return;
    this.close();
    this.#open();
    this.#flush();
  }

  /** Stops looking and closes. A later write opens it again. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  dispose(): void {
    clearInterval(this.#watch);
    this.close();
  }

  #open(): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o750 });
      this.#descriptor = openSync(this.path, 'a', 0o640);
    } catch {
      this.#descriptor = null;
    }
  }

  #isStillThere(descriptor: number): boolean {
    try {
      const [open, there] = [fstatSync(descriptor), statSync(this.path)];
      return open.ino === there.ino && open.dev === there.dev;
    } catch {
      return false;
    }
  }

  #append(bytes: Buffer): void {
    if (this.#unwritten.length + bytes.length > BACKLOG_BYTES) this.#dropped += 1;
    else this.#unwritten = this.#unwritten.length === 0 ? bytes : Buffer.concat([this.#unwritten, bytes]);
    if (!this.#flush() || this.#dropped === 0) return;
    this.#unwritten = Buffer.from(`{"level":"warn","msg":"${this.#dropped} lines were not logged: the disk was full"}\n`);
    if (this.#flush()) this.#dropped = 0;
  }

  /** @returns whether all that waited is in the file. ENOSPC, EDQUOT, EIO: the backend goes on without its log. */
  #flush(): boolean {
    if (this.#descriptor === null) this.#open();
    try {
      while (this.#descriptor !== null && this.#unwritten.length > 0) {
        this.#unwritten = this.#unwritten.subarray(writeSync(this.#descriptor, this.#unwritten));
      }
    } catch {
      return false;
    }
    return this.#unwritten.length === 0;
  }
}
