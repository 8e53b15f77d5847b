import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AlarmClock, sleep } from '../../clock/clock.ts';

/** Small files of JSON, mode 0600, replaced whole or not at all. One operation at a time: a disk that hangs holds one thread. */
export interface Disk {
  /** null: it is not there, or no JSON (it is set aside then, and that is said). */
  read(file: string): Promise<unknown>;
  /**
   * Resolves when it is written; also when that failed, which is said once, or takes too long: what is to be told is told all the same.
   */
  write(file: string, value: unknown): Promise<void>;
}

const PATIENCE_MS = 5_000;

export function openDisk(clock: AlarmClock, say: (text: string) => void): Disk {
  const newest = new Map<string, string>();
  let turn: Promise<unknown> = Promise.resolve();
  let isFailing = false;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function writeNewest(file: string): Promise<void> {
    const text = newest.get(file);
    // A later one was written in the turn of an earlier one.
    if (text === undefined) return;
    newest.delete(file);
    try {
      await replace(file, text);
      if (isFailing) say(`${dirname(file)} can be written again`);
      isFailing = false;
    } catch (error) {
      if (!isFailing)
        say(`cannot write ${file}: ${String(error)}; after a restart of lifeguard alerts may come twice or not at all`);
      isFailing = true;
    }
  }

  return {
    read: (file) => inTurn(() => readJson(file, clock, say)),
    write(file, value) {
      newest.set(file, JSON.stringify(value));
      return Promise.race([inTurn(() => writeNewest(file)), sleep(clock, PATIENCE_MS)]);
    },
  };
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

async function readJson(file: string, clock: AlarmClock, say: (text: string) => void): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') say(`cannot read ${file}: ${String(error)}`);
    return null;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const aside = `${file}.damaged-${clock.wallNow()}`;
    say(`${file} is damaged: set aside as ${aside}`);
    await rename(file, aside).catch(() => undefined);
    return null;
  }
}
