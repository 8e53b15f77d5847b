import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A file, or what was looked for, and what tells it from a later one of the same name; `absent`: there was none. */
export type Inputs = Readonly<Record<string, string>>;

type Read = (...args: readonly unknown[]) => unknown;
type Reading = Record<string, Read>;

const SYNC = ['readFileSync', 'existsSync', 'statSync', 'lstatSync', 'accessSync', 'readdirSync', 'openSync', 'readFile'];
const ASYNC = ['readFile', 'stat', 'lstat', 'access', 'readdir', 'open'];
/** What is written again so soon may have the same time of change and size. */
const SETTLED_MS = 2_000;

/**
 * Runs something and notes which files it reads or looks for through `node:fs`. What it imports it has to note itself, as it may be
 * loaded in another thread; what a program that it runs reads is not seen.
 */
export async function noteInputs<T>(run: (note: (file: string) => void) => Promise<T>): Promise<{ value: T; inputs: Inputs }> {
  const inputs: Record<string, string> = {};
  const note = (file: unknown) => {
    const path = standingFor(
      file instanceof URL || (typeof file === 'string' && file.startsWith('file://')) ? pathOf(file) : file,
    );
    if (path !== null) inputs[path] ??= identityOf(path);
  };
  const undo = [...spy(fs as unknown as Reading, SYNC, note), ...spy(fs.promises as unknown as Reading, ASYNC, note)];
  syncBuiltinESMExports();
  try {
    const value = await run(note);
    await setImmediate(); // another thread's last word of what it imported
    return { value, inputs };
  } finally {
    for (const each of undo) each();
    syncBuiltinESMExports();
  }
}

/** Nothing of it was written, removed or added since; and nothing so lately that this could not be told. */
export function areAsBefore(inputs: Inputs): boolean {
  return Object.entries(inputs).every(([path, identity]) => identityOf(path) === identity);
}

/** Whether a later change of any of them will show. */
export function areSettled(inputs: Inputs, now: number): boolean {
  return Object.values(inputs).every((identity) => identity === ABSENT || now - Number(identity.split(' ')[0]) > SETTLED_MS);
}

const ABSENT = 'absent';
/** Where tsx keeps what it has compiled, by what that was made from. */
const COMPILED = join(tmpdir(), 'tsx-');
const INSTALLED = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const statSync = fs.statSync;

function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? ABSENT : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}

/** What is installed changes as a whole: its package.json stands for it. null: nothing of it matters. */
function standingFor(path: unknown): string | null {
  if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith('/proc/') || path.startsWith(COMPILED)) return null;
  const installed = INSTALLED.exec(path)?.[1];
  return installed === undefined ? path : `${installed}/package.json`;
}

function pathOf(url: string | URL): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}

/** @returns what takes each of them away again */
function spy(module: Reading, names: readonly string[], note: (file: unknown) => void): (() => void)[] {
  return names.flatMap((name) => {
    const real = module[name];
    if (real === undefined) return [];
    module[name] = Object.assign((...args: readonly unknown[]) => {
      note(args[0]);
      return real.apply(module, [...args]);
    }, real);
    return [
      () => {
        module[name] = real;
      },
    ];
  });
}
