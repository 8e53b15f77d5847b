import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../host/replace-file.ts';

/**
 * Where the state survives a restart of lifeguard, of the daemon and of the machine: one JSON file, replaced atomically now and then, and
 * beside it the notes since then, one line each. Both 0600. What lifeguard is about to do to PM2 must be known to its successor, so a note is
 * written before; it is for one backend alone and not synced, so that a rescue does not wait for the disk.
 */
export interface StateStore {
  /** What was last known, by key. What cannot be read is set aside and reported through `warn`. */
  load(): Readonly<Record<string, unknown>>;
  /** Both never throw: a full disk is reported once through `warn`, and again when it has healed. */
  note(key: string, value: unknown): void;
  save(values: Readonly<Record<string, unknown>>): void;
}

export function fileStore(file: string, warn: (text: string) => void, wallNow: () => number): StateStore {
  const notes = `${file}.notes`;
  let failing = false;

  function attempt(write: () => void): void {
    try {
      write();
      if (failing) warn(`${file} can be written again`);
      failing = false;
    } catch (error) {
      if (!failing) warn(`cannot write ${file}: ${String(error)}; a restart of lifeguard would forget what was counted since`);
      failing = true;
    }
  }

  return {
    load() {
      const values: Record<string, unknown> = { ...readWhole(file, warn, wallNow) };
      for (const line of readText(notes, warn)?.split('\n') ?? []) {
        const note = parsed(line);
        if (Array.isArray(note) && typeof note[0] === 'string') values[note[0]] = note[1];
      }
      return values;
    },
    note(key, value) {
      attempt(() => {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        appendFileSync(notes, `${JSON.stringify([key, value])}\n`, { mode: 0o600 });
      });
    },
    save(values) {
      attempt(() => {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        replaceFile(file, JSON.stringify(values), { flush: true });
        rmSync(notes, { force: true });
      });
    },
  };
}

function readWhole(file: string, warn: (text: string) => void, wallNow: () => number): Record<string, unknown> {
  const text = readText(file, warn);
  if (text === null) return {};
  const value = parsed(text);
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  const aside = `${file}.damaged-${wallNow()}`;
  renameSync(file, aside);
  warn(`${file} is damaged: set aside as ${aside}; starting without the past`);
  return {};
}

function readText(file: string, warn: (text: string) => void): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warn(`cannot read ${file}: ${String(error)}; starting without the past`);
    return null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
