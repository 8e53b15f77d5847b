import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogTap } from '../checking/tap.ts';
import type { LogEvent } from '../log-event.ts';
import type { LogSource } from '../sources.ts';
import { FULL_BYTES, freeBytesIn, ROOM_BYTES } from './space.ts';

/** How soon the return of space is seen. What is published in between is taken from the bus. */
const LOOK_EVERY_MS = 50;
/** The same where there is room for lines, but not yet for what was refused. */
const LOOK_FOR_MORE_EVERY_MS = 1_000;

export interface FullDiskPorts {
  readonly busPath: string;
  readonly report: (event: LogEvent) => void;
  /** Called once as the directory's disk is found full: frees what may go. */
  readonly makeRoom: (directory: string, neededBytes: number) => void;
  /** Called when there is room for lines again, with all output that was published since there was none. Takes the tap over. */
  readonly reopen: (directory: string, tap: LogTap | null) => Promise<void>;
}

/**
 * Knows which log directories have no room. The first line that the kernel refuses ends PM2's write stream for good: nothing more of that app
 * is written until the next reload, room or not. So while a disk is full this listens to the bus, and the moment there is room it
 * has the files reopened and what was published since then put in.
 */
export class FullDisks {
  readonly #ports: FullDiskPorts;
  readonly #full = new Map<string, Promise<void>>();

  constructor(ports: FullDiskPorts) {
    this.#ports = ports;
  }

  has(directory: string): boolean {
    return this.#full.has(directory);
  }

  /** Resolves when no disk is full. */
  async settled(): Promise<void> {
    await Promise.all(this.#full.values());
  }

  /** Looks at every directory of these files. */
  async look(sources: readonly LogSource[]): Promise<void> {
    for (const directory of new Set(sources.map(({ path }) => dirname(path)))) {
      if ((await freeBytesIn(directory)) < FULL_BYTES) this.begin(directory, 'no space left on device');
    }
  }

  /** This directory's disk is full: by look, or because a write of that many bytes was refused. */
  begin(directory: string, text: string, neededBytes = ROOM_BYTES): void {
    if (this.#full.has(directory)) return;
    this.#ports.report({ kind: 'disk-full', directory, text });
    this.#ports.makeRoom(directory, neededBytes);
    const over = this.#waitForRoom(directory, Math.max(neededBytes, ROOM_BYTES)).finally(() => this.#full.delete(directory));
    this.#full.set(directory, over);
  }

  async #waitForRoom(directory: string, neededBytes: number): Promise<void> {
    let tap: LogTap | null = null;
    let free = await freeBytesIn(directory);
    while (free < neededBytes) {
      const lines = free >= ROOM_BYTES;
      if (!lines) tap ??= await LogTap.open(this.#ports.busPath).catch(() => null);
      tap?.clear();
      await sleep(lines ? LOOK_FOR_MORE_EVERY_MS : LOOK_EVERY_MS, undefined, { ref: false });
      free = await freeBytesIn(directory);
      if (!lines && free >= ROOM_BYTES) {
        await this.#ports.reopen(directory, tap);
        tap = null;
      }
    }
    this.#ports.report({ kind: 'space-back', directory });
  }
}

/** Ends the line that a full disk cut, so that the next one does not stick to it. */
export function endTheLine(path: string): void {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a)) return;
  } finally {
    closeSync(fd);
  }
  appendFileSync(path, '\n');
}
