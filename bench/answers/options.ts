import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench -- status [options]

How long \`lifeguard status\` takes beside \`pm2 ls\`, both started by node itself, in turn, with 1 and 20 backends that lifeguard
watches; and what \`lifeguard status --watch\` takes of a processor. It is what is built: npm run build comes first. About 3 minutes.

  --runs COUNT      of each, in turn; default 20
  --window SECONDS  status --watch is measured for so long; default 30
  --write           also into docs/benchmarks.md`;

export interface Options {
  readonly runs: number;
  readonly windowMs: number;
  readonly write: boolean;
}

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '20' },
      window: { type: 'string', default: '30' },
      write: { type: 'boolean', default: false },
    },
  });
  return { runs: Number(values.runs), windowMs: Number(values.window) * 1000, write: values.write };
}
