import { mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Host } from './host.ts';
import { pidExists, startTimeOf } from './processes/is-alive.ts';

/**
 * A name in the file system that one process holds, by its pid and start time. What a process that has ended holds may be taken over; where
 * that can't be told, it still holds it. It is a symbolic link that leads nowhere: made in one step, whole, and on a full disk too.
 */
export class PidFile {
  readonly #host: Host;
  readonly #path: string;
  /** What this process writes there. */
  #mine: string | null = null;

  constructor(host: Host, path: string) {
    this.#host = host;
    this.#path = path;
  }

  /**
   * Takes it, or sees that this process has it already.
   * @returns false: another one has it
   * @throws the file system's error
   */
  async take(): Promise<boolean> {
    this.#mine ??= `${process.pid} ${await startTimeOf(this.#host, process.pid)} ${this.#host.by}`;
    const held = this.#read();
    if (held === this.#mine) return true;
    if (held !== null) {
      if (await this.#lives(held)) return held.startsWith(`${process.pid} `);
      if (!this.#clearAway(held)) return false;
    }
    return this.#make(this.#mine);
  }

  /** Lets it go if this process has it. */
  release(): void {
    if (this.#read()?.startsWith(`${process.pid} `)) unlinkQuietly(this.#path);
  }

  #read(path = this.#path): string | null {
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  }

  /** Start times of two makings are not to be compared: then the pid alone decides. */
  async #lives(held: string): Promise<boolean> {
    const [pid = 0, startTime = 0] = held.split(' ').map(Number);
    if (!(pid > 0) || !pidExists(pid)) return false;
    if (!held.endsWith(` ${this.#host.by}`)) return true;
    const now = await startTimeOf(this.#host, pid).catch(() => startTime);
    return now !== null && this.#host.isSameStart(now, startTime);
  }

  /** @returns false: by now it is another's, who gets it back */
  #clearAway(dead: string): boolean {
    const aside = `${this.#path}.${process.pid}`;
    try {
      renameSync(this.#path, aside);
    } catch {
      return true; // Somebody else has cleared it away.
    }
    const found = this.#read(aside);
    unlinkQuietly(aside);
    if (found === null || found === dead) return true;
    this.#make(found);
    return false;
  }

  #make(holder: string): boolean {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      symlinkSync(holder, this.#path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone.
  }
}
