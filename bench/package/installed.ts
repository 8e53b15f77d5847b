import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
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

/** How this machine reaches the registry. Without it npm leaves out, in silence, what is optional and cannot be got. */
const REACHES = [
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  'no_proxy',
  'npm_config_registry',
  'npm_config_cafile',
];

/**
 * Installs a tarball in an empty project, by npm on the Node that `node` is the program of.
 * @param optional packages that are to be there, or not
 * @throws Error when they are not as they are to be: that is another installation
 */
export async function install(
  tarball: string,
  node: string,
  optional: { names: readonly string[]; areThere: boolean },
): Promise<Installed> {
  const room = new Room();
  try {
    room.write('package.json', JSON.stringify({ name: 'empty', version: '1.0.0', private: true }));
    room.env.PATH = `${dirname(node)}${delimiter}${room.env.PATH}`;
    for (const key of REACHES) if (process.env[key] !== undefined) room.env[key] = process.env[key];
    room.env.npm_config_cache = join(homedir(), '.npm');
    const began = performance.now();
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
    const omitted = optional.areThere ? [] : ['--omit=optional'];
    await room.run('npm', ['install', ...quiet, ...omitted, tarball], { deadlineMs: 300_000 });
    const seconds = (performance.now() - began) / 1_000;
    const modules = join(room.dir, 'node_modules');
    const wrong = optional.names.filter((name) => existsSync(join(modules, name)) !== optional.areThere);
    if (wrong.length > 0) throw new Error(`${wrong.join(', ')}: expected ${optional.areThere ? 'there' : 'left out'}`);
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
