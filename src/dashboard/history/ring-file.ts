import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSlot, encodeSlot, SLOT_BYTES, SLOT_MS, SLOTS_KEPT, type Slot } from './slot.ts';

/**
 * A backend's history on disk: 30 days in 32 KB, for ever. A slot's place follows from its number, so that the newest takes the place of the
 * oldest, and a crash at any moment costs what was not written yet, nothing else.
 */
const MAGIC = Buffer.from('pm2-lifeguard h1');
const { O_RDWR, O_CREAT } = constants;

export function ringFile(folder: string, backend: string): string {
  return join(folder, `${backend}.ring`);
}

/** @throws Error when the disk does not take it */
export function writeSlot(file: string, slot: Slot): void {
  const descriptor = opened(file);
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(descriptor, head, 0, MAGIC.length, 0);
    if (!head.equals(MAGIC)) writeSync(descriptor, MAGIC, 0, MAGIC.length, 0);
    writeSync(descriptor, encodeSlot(slot), 0, SLOT_BYTES, placeOf(slot.slot));
  } finally {
    closeSync(descriptor);
  }
}

/** The slots from `first` to `last` that are there, in their order; none of a file that is not one. */
export function readSlots(file: string, first: number, last: number): Slot[] {
  const descriptor = readable(file);
  if (descriptor === null) return [];
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(descriptor, head, 0, MAGIC.length, 0);
    if (!head.equals(MAGIC)) return [];
    const found: Slot[] = [];
    for (let slot = Math.max(first, last - SLOTS_KEPT + 1); slot <= last; slot++) found.push(...slotIn(descriptor, slot));
    return found;
  } finally {
    closeSync(descriptor);
  }
}

/** None: another one, 30 days older, or never written, is in its place. */
function slotIn(descriptor: number, slot: number): Slot[] {
  const bytes = Buffer.alloc(SLOT_BYTES);
  if (readSync(descriptor, bytes, 0, SLOT_BYTES, placeOf(slot)) < SLOT_BYTES) return [];
  const read = decodeSlot(bytes);
  return read.slot === slot ? [read] : [];
}

function placeOf(slot: number): number {
  return MAGIC.length + (slot % SLOTS_KEPT) * SLOT_BYTES;
}

/** Removes the histories of backends that have not been there for as long as is kept. */
export async function forgetOld(folder: string, backends: readonly string[], wallNow: number): Promise<void> {
  const known = new Set(backends.map((backend) => ringFile(folder, backend)));
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    if (!name.endsWith('.ring') || known.has(file)) continue;
    const { mtimeMs } = await stat(file);
    if (wallNow - mtimeMs > SLOTS_KEPT * SLOT_MS) await rm(file, { force: true });
  }
}

function opened(file: string): number {
  try {
    return openSync(file, O_RDWR | O_CREAT, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    return openSync(file, O_RDWR | O_CREAT, 0o600);
  }
}

function readable(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch {
    return null;
  }
}
