import { constants, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogTap } from '../checking/tap.ts';
import type { LogEvent } from '../log-event.ts';
import { endsALine, withRegular } from '../on-disk/regular-file.ts';
import type { LogSource } from '../sources.ts';
import { FULL_BYTES, freeBytesIn, PLENTY_BYTES, ROOM_BYTES } from './space.ts';

/** How soon the return of space is seen. What is published in between is taken from the bus. */
const LOOK_EVERY_MS = 50;
/** The same where there is room for lines, but not yet for what was refused. */
const LOOK_FOR_MORE_EVERY_MS = 1_000;
/** How often room is made anew while there is none: what may go grows older, and more is rotated. */
const MAKE_ROOM_EVERY_MS = 5_000;

export interface FullDiskPorts {
  readonly busPath: string;
  readonly report: (event: LogEvent) => void;
  /** Called as the directory's disk is found full, and again while it is: frees what may go. */
  readonly makeRoom: (directory: string, neededBytes: number) => void;
  /** Called when there is room for lines again, with all output that was published since there was none. Takes the tap over; never rejects. */
  readonly reopen: (directory: string, tap: LogTap | null) => Promise<void>;
}

interface Disk {
  /** What was refused. */
  neededBytes: number;
  /** There is room for lines at least. */
  takesLines: boolean;
}

/**
 * Knows which log directories have no room. The first line that the kernel refuses ends PM2's write stream for good: nothing more of that app
 * is written until the next reload, room or not. So while a disk is full this listens to the bus, and the moment there is room it
 * has the files reopened and what was published since then put in.
 */
export class FullDisks {
  readonly #ports: FullDiskPorts;
  readonly #full = new Map<string, Disk>();

  constructor(ports: FullDiskPorts) {
    this.#ports = ports;
  }

  /** There is no room for lines in this directory. */
  has(directory: string): boolean {
    return this.#full.get(directory)?.takesLines === false;
  }

  /** There is no room for what was refused, such as an archive. */
  lacksRoom(directory: string): boolean {
    return this.#full.has(directory);
  }

  /** Looks at every directory of these files. @returns whether all have so much room that it will last for seconds, whoever writes */
  async look(sources: readonly LogSource[]): Promise<boolean> {
    let hasPlenty = true;
    for (const directory of new Set(sources.map(({ path }) => dirname(path)))) {
      const free = await freeBytesIn(directory);
      hasPlenty &&= free >= PLENTY_BYTES;
      if (free < FULL_BYTES) this.#begin(directory, 'no space left on device', { neededBytes: ROOM_BYTES, takesLines: false });
    }
    return hasPlenty;
  }

  /** A write of that many bytes was refused in this directory. */
  refused(directory: string, text: string, bytes = ROOM_BYTES): void {
    this.#begin(directory, text, { neededBytes: Math.max(bytes, ROOM_BYTES), takesLines: true });
  }

  #begin(directory: string, text: string, disk: Disk): void {
    const known = this.#full.get(directory);
    if (known) {
      known.neededBytes = Math.max(known.neededBytes, disk.neededBytes);
      return;
    }
    this.#full.set(directory, disk);
    this.#ports.report({ kind: 'disk-full', directory, text });
    void this.#waitForRoom(directory, disk);
  }

  async #waitForRoom(directory: string, disk: Disk): Promise<void> {
    let tap: LogTap | null = null;
    for (let nextAt = 0; ; ) {
      if (performance.now() >= nextAt) {
        this.#ports.makeRoom(directory, disk.neededBytes);
        nextAt = performance.now() + MAKE_ROOM_EVERY_MS;
      }
      const free = await freeBytesIn(directory);
      if (free < ROOM_BYTES) {
        disk.takesLines = false;
        tap ??= await LogTap.open(this.#ports.busPath).catch(() => null);
        tap?.clear();
      } else if (!disk.takesLines) {
        await this.#ports.reopen(directory, tap);
        disk.takesLines = true;
        tap = null;
      }
      if (free >= disk.neededBytes) break;
      await sleep(free < ROOM_BYTES ? LOOK_EVERY_MS : LOOK_FOR_MORE_EVERY_MS, undefined, { ref: false });
    }
    this.#full.delete(directory);
    this.#ports.report({ kind: 'space-back', directory });
  }
}

/** Ends the line that a full disk cut, so that the next one does not stick to it. */
export function endTheLine(path: string): void {
  withRegular(path, constants.O_RDWR | constants.O_APPEND, (fd) => {
    if (!endsALine(fd)) writeSync(fd, '\n');
  });
}
