import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Room } from '../room.ts';

export interface Installed {
  readonly seconds: number;
  /** What node_modules take on the disk, in units of 1,024² bytes, as `du -sm` has it. */
  readonly megabytes: number;
  /** The largest of the packages, in the same unit. */
  readonly largest: readonly (readonly [name: string, megabytes: number])[];
}

/** Installs a tarball in an empty project, by npm on the Node that `node` is the program of. */
export async function install(tarball: string, node: string, options: readonly string[]): Promise<Installed> {
  const room = new Room();
  try {
    room.write('package.json', JSON.stringify({ name: 'empty', version: '1.0.0', private: true }));
    room.env.PATH = `${dirname(node)}${delimiter}${room.env.PATH}`;
    room.env.npm_config_cache = join(homedir(), '.npm');
    const began = performance.now();
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
    await room.run('npm', ['install', ...quiet, ...options, tarball], { deadlineMs: 300_000 });
    const seconds = (performance.now() - began) / 1_000;
    const modules = join(room.dir, 'node_modules');
    return { seconds, megabytes: sizeOf(modules), largest: largestIn(modules) };
  } finally {
    await room.close();
  }
}

function largestIn(modules: string): [string, number][] {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names
    .map((name): [string, number] => [name, sizeOf(join(modules, name))])
    .sort(([, one], [, other]) => other - one)
    .slice(0, 6);
}

function sizeOf(folder: string): number {
  return Number.parseInt(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }), 10) / 1_024;
}
