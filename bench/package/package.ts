import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFromNpm } from '../../test/support/from-npm.ts';
import { type Packed, packed } from '../../test/support/package/packed.ts';
import { ROOT } from '../../test/support/sandbox.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import { type Installed, install } from './installed.ts';
import { parseOptions } from './options.ts';

export { HELP } from './options.ts';

/** To be installed at most, without what is optional. */
const MOST_MB = 42;
const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  optionalDependencies: Record<string, string>;
};
const names = Object.keys(optionalDependencies);
const ALL = { names, areThere: true };
const LEAST = { names, areThere: false };

/** @returns 0; 1 when it takes more than it was to */
export async function run(args: readonly string[]): Promise<number> {
  const { nodes, write } = parseOptions(args);
  const pack = packed();
  const rows: { node: string; all: Installed; least: Installed }[] = [];
  const programs = nodes.map((version) => ({ version, node: nodeFromNpm(version) }));
  // The npm is the machine's, whatever Node it runs on, and so is its cache: filled once.
  await install(pack.tarball, process.execPath, ALL);
  for (const { version, node } of programs) {
    const all = await install(pack.tarball, node, ALL);
    const least = await install(pack.tarball, node, LEAST);
    console.log(`Node ${version}: ${all.seconds.toFixed(1)} s with all, ${least.seconds.toFixed(1)} s without what is optional`);
    rows.push({ node: version, all, least });
  }
  const [first] = rows;
  const text = [contents(pack), table(rows), ...(first ? [largest(first.least)] : [])].join('\n\n');
  console.log(`\n${text}\n`);
  if (write) writeSection('package', ['## The package', circumstances('npm run bench -- package'), text].join('\n\n'));
  return rows.every(({ least }) => least.megabytes <= MOST_MB) ? 0 : 1;
}

function contents({ files, packedBytes, unpackedBytes }: Packed): string {
  const counts = new Map<string, number>();
  for (const path of files) counts.set(placeOf(path), (counts.get(placeOf(path)) ?? 0) + 1);
  const list = [...counts].map(([place, count]) => (place.endsWith('/') ? `${place} (${count})` : place)).sort();
  return [
    `${(packedBytes / 1_000).toFixed(0)} KB packed, ${(unpackedBytes / 1_000_000).toFixed(1)} MB unpacked, ${files.length} files: compiled JavaScript, and the declarations that the entry reaches.`,
    list.map((name) => `\`${name}\``).join(', '),
  ].join('\n\n');
}

/** Its folder, three deep at most. */
function placeOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.length === 0 ? path : `${folders.slice(0, 3).join('/')}/`;
}

function table(rows: readonly { node: string; all: Installed; least: Installed }[]): string {
  const shown = ({ seconds, megabytes }: Installed) => [`${megabytes.toFixed(1)} MB`, `${seconds.toFixed(1)} s`];
  return markdownTable(
    ['`npm install`, warm cache', 'with all', 'time', '`--omit=optional`', 'time'],
    rows.map(({ node, all, least }) => [`Node ${node}`, ...shown(all), ...shown(least)]),
  );
}

function largest({ largest: names }: Installed): string {
  return `Without what is optional the largest are ${names.map(([name, mb]) => `${name} ${mb.toFixed(1)} MB`).join(', ')}.`;
}
