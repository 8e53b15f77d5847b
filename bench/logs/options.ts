import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench -- logs [options]

Numbered, checksummed lines, one write each, through PM2 to a log that is rotated every second and compressed: how many of them are
lost, doubled or torn in the archives and the live file together, with lifeguard's rotation, pm2-logrotate (fetched from npm the first
time) and Debian's logrotate with copytruncate. All of it takes about 15 minutes.

  --rates LIST     lines a second, of all processes together; default 1000,10000,50000,100000,200000
  --modes LIST     of fork,cluster (two workers)
  --only NAMES     of pm2-lifeguard,pm2-logrotate,logrotate
  --seconds N      how long lines are written; default 20
  --write          also into docs/benchmarks.md`;

export interface Options {
  readonly rates: readonly number[];
  readonly modes: readonly string[];
  readonly only: readonly string[] | null;
  readonly seconds: number;
  readonly write: boolean;
}

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '1000,10000,50000,100000,200000' },
      modes: { type: 'string', default: 'fork,cluster' },
      only: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rates: values.rates.split(',').map(Number),
    modes: values.modes.split(','),
    only: values.only?.split(',') ?? null,
    seconds: Number(values.seconds),
    write: values.write,
  };
}
