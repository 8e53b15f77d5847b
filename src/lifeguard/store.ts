import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Where the state survives a restart of lifeguard, of the daemon and of the machine: one small JSON file, mode 0600,
 * replaced atomically. Writes are synchronous: what lifeguard is about to do to PM2 must be known to its successor.
 */
export interface StateStore {
  /** The last saved value; null: none. A file that is no JSON is set aside as FILE.damaged-TIME and reported through `warn`. */
  load(): unknown;
  /** Never throws: a full disk is reported once through `warn`, and again when it has healed. */
  save(value: unknown): void;
}

export function fileStore(file: string, warn: (text: string) => void, wallNow: () => number): StateStore {
  let failing = false;
  let written = '';
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') warn(`cannot read ${file}: ${String(error)}; starting without the past`);
        return null;
      }
      try {
        return JSON.parse(text) as unknown;
      } catch {
        const aside = `${file}.damaged-${wallNow()}`;
        renameSync(file, aside);
        warn(`${file} is damaged: set aside as ${aside}; starting without the past`);
        return null;
      }
    },
    save(value) {
      const text = JSON.stringify(value);
      if (text === written) return;
      try {
        replace(file, text);
        written = text;
        if (failing) warn(`${file} can be written again`);
        failing = false;
      } catch (error) {
        if (!failing) warn(`cannot write ${file}: ${String(error)}; a restart of lifeguard would forget what was counted since`);
        failing = true;
      }
    },
  };
}

function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
