import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Host } from '../../host/host.ts';

/** What is not told by then is not waited for. */
const WITHIN_MS = 350;
const MOST_BYTES = 256 * 1024;

/**
 * What the threads of a Python process are doing, by py-spy, where that is installed: beside the interpreter, or on the PATH. It reads
 * the memory of a process that goes on running (`--nonblocking`), and may tell nonsense of one that is busy.
 * null: it is no Python, there is no py-spy, or it may not look
 */
export async function pythonStack(host: Pick<Host, 'argumentsOf'>, pid: number, path: string): Promise<string | null> {
  const [program = ''] = (await host.argumentsOf(pid)) ?? [];
  if (!/^python[\d.]*$/.test(basename(program))) return null;
  const folders = [
    ...(program.startsWith('/') ? [dirname(program)] : []),
    ...path.split(delimiter).filter((each) => each !== ''),
  ];
  const spy = folders.map((folder) => join(folder, 'py-spy')).find(isExecutable);
  return spy === undefined ? null : outputOf(spy, ['dump', '--nonblocking', '--pid', String(pid)]);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function outputOf(program: string, args: readonly string[]): Promise<string | null> {
  const options = { timeout: WITHIN_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error !== null || stdout === '' ? null : stdout));
  });
}
