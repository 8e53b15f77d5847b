import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pm2HomeOf } from '../pm2/home.ts';

/** What a declaration depends on beside the configuration: where programs are, and which Node there is. */
export interface Machine {
  /** How to call the Node that runs this: `node` if the PATH has the same one (an upgrade is then followed), else its path. */
  readonly node: string;
  /** That Node runs .ts files by itself. */
  readonly stripsTypes: boolean;
  /** The folder of the PM2 that it is declared to. */
  readonly pm2Home: string;
  /** The file of a program for an app that runs in `cwd`, absolute, or null if there is none. */
  locate(program: string, cwd: string): string | null;
}

/** A virtual environment in the app's folder comes before the PATH: it is what its author has in mind. */
const VIRTUAL_ENVIRONMENTS = ['venv/bin', '.venv/bin'];

export function thisMachine(environment: Readonly<Record<string, string | undefined>>): Machine {
  const path = environment.PATH ?? '';
  return {
    node: nodeName(path),
    stripsTypes: Boolean((process.features as { typescript?: unknown }).typescript),
    pm2Home: pm2HomeOf(environment),
    locate: (program, cwd) => candidates(program, cwd, path, environment.VIRTUAL_ENV).find(isProgram) ?? null,
  };
}

function candidates(program: string, cwd: string, path: string, virtualEnv: string | undefined): string[] {
  if (program.startsWith('/')) return [program];
  const folders = [...VIRTUAL_ENVIRONMENTS.map((folder) => join(cwd, folder)), ...(virtualEnv ? [join(virtualEnv, 'bin')] : [])];
  return [...folders, ...path.split(delimiter).filter((folder) => folder.startsWith('/'))].map((folder) => join(folder, program));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function nodeName(path: string): string {
  if (process.versions.bun !== undefined) return 'node'; // PM2 prefers Bun for a .ts file where there is one; apps are for Node
  const found = candidates('node', '/', path, undefined).find(isProgram);
  return found && realpathSync(found) === realpathSync(process.execPath) ? 'node' : process.execPath;
}
