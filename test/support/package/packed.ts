import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../sandbox.ts';

export interface Packed {
  /** The tarball as `npm publish` would send it. */
  readonly tarball: string;
  /** What is in it, below the package's folder. */
  readonly files: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** Packs this checkout with its dist/ as it is: `npm test` has just built it. The tarball goes with the process. */
export function packed(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  const said = JSON.parse(stdout) as unknown;
  const [about] = (Array.isArray(said) ? said : Object.values(said as object)) as [
    { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
  ];
  return {
    tarball: join(folder, about.filename),
    files: about.files.map(({ path }) => path),
    packedBytes: about.size,
    unpackedBytes: about.unpackedSize,
  };
}
