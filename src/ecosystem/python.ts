import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, resolve } from 'node:path';

/** Which Python runs a program: the program itself, or the one that its first line names (venv/bin/uvicorn). null: it is no Python. */
export function pythonOf(program: string): string | null {
  if (/^python[\d.]*$/.test(basename(program))) return program;
  return /^#!\s*(\S*python[\d.]*)\s*$/.exec(firstLine(program))?.[1] ?? null;
}

/** A module that a Python command line names, and the folders that it is looked for in first. */
export interface PythonModule {
  readonly name: string;
  readonly folders: readonly string[];
}

/** The servers that are known here, with the options that say where they listen: a port, or host:port. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  uvicorn: ['--port'],
  daphne: ['--port', '-p'],
  gunicorn: ['--bind', '-b'],
  hypercorn: ['--bind', '-b'],
};

/** The module of `uvicorn main:app`, `gunicorn app.wsgi:application`, `python -m package`, or null if there is none to be seen. */
export function moduleOf(program: string, args: readonly string[], cwd: string): PythonModule | null {
  const [first, second, ...rest] = args;
  if (/^python/.test(basename(program))) {
    if (first !== '-m' || second === undefined) return null;
    return moduleOf(second, rest, cwd) ?? { name: second, folders: [cwd] };
  }
  if (!Object.hasOwn(SERVERS, basename(program))) return null;
  const target = args.find((arg) => /^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(\))?$/.test(arg));
  const name = target?.split(':')[0];
  if (name === undefined) return null;
  const [folder = '.'] = valuesOf(args, ['--app-dir', '--chdir']);
  const further = valuesOf(args, ['--pythonpath']).flatMap((value) => value.split(','));
  return { name, folders: [folder, ...further].map((each) => resolve(cwd, each)) };
}

/** The ports that a server's command line names; empty where it names none, or listens on a socket, or is no server that is known here. */
export function portsOf(program: string, args: readonly string[]): number[] {
  const [first, second, ...rest] = args;
  if (/^python/.test(basename(program))) return first === '-m' && second !== undefined ? portsOf(second, rest) : [];
  const options = Object.hasOwn(SERVERS, basename(program)) ? SERVERS[basename(program)] : undefined;
  return valuesOf(args, options ?? []).flatMap((value) => {
    const [, port] = /^(?:.*:)?(\d+)$/.exec(value) ?? [];
    return port === undefined ? [] : [Number(port)];
  });
}

/** The values of `--option VALUE` and `--option=VALUE`. */
function valuesOf(args: readonly string[], names: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const value = args[index + 1];
    if (names.includes(arg)) return value === undefined ? [] : [value];
    const name = names.find((each) => arg.startsWith(`${each}=`));
    return name === undefined ? [] : [arg.slice(name.length + 1)];
  });
}

/** Looks for a module without importing any of the app's own code. Prints the part that is missing, exit status 3. */
const FIND = `
import importlib.util, os, sys
parts = sys.argv[1].split('.')
sys.path[:0] = sys.argv[2:]
spec = importlib.util.find_spec(parts[0])
if spec is None: print(parts[0]); sys.exit(3)
folders = list(spec.submodule_search_locations or [])
for depth, part in enumerate(parts[1:], 2):
    if not folders: sys.exit(0)
    names = [name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder) if name.split('.')[0] == part]
    if not names: print('.'.join(parts[:depth])); sys.exit(3)
    folders = [os.path.join(folder, part) for folder in folders]
`;

/** What of a module cannot be found, or null when it is there or nothing is certain. Takes about 50 ms. */
export function missingModule(
  python: string,
  { name, folders }: PythonModule,
  env: Readonly<Record<string, string>>,
): string | null {
  const { status, stdout } = spawnSync(python, ['-c', FIND, name, ...folders], {
    encoding: 'utf8',
    timeout: 5_000,
    env: { ...process.env, ...env },
  });
  return status === 3 ? stdout.trim() : null;
}

function firstLine(file: string): string {
  const bytes = Buffer.alloc(256);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
  return bytes.toString('latin1').split('\n')[0] ?? '';
}
