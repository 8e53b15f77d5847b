import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench -- cost [options]

Memory and processor time of the process that watches, over a minute, from /proc: lifeguard as it is installed (compiled,
under PM2, its other duties such as log rotation included) with 1 and 20 backends and with 1,000 endpoints, each checked every
second, and pm2-watchdog with 1 and 20 backends. Two minutes each.

  --only NAMES           of lifeguard-1,lifeguard-1-bare,lifeguard-1-told,lifeguard-1-workers,lifeguard-20,lifeguard-1000,
                         lifeguard-exec-200,lifeguard-beats-200,pm2-watchdog-1,pm2-watchdog-20
  --window SECONDS       measured for so long; default 60
  --warm-up SECONDS      and not measured for so long before; default 60
  --pm2-watchdog FOLDER  where the PM2 module pm2-watchdog is, with its dependencies; without it that one is left out
  --write                also into docs/benchmarks.md`;

export interface Options {
  readonly only: readonly string[] | null;
  readonly windowMs: number;
  readonly warmUpMs: number;
  readonly pm2Watchdog: string | null;
  readonly write: boolean;
}

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      window: { type: 'string', default: '60' },
      'warm-up': { type: 'string', default: '60' },
      'pm2-watchdog': { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    only: values.only?.split(',') ?? null,
    windowMs: Number(values.window) * 1000,
    warmUpMs: Number(values['warm-up']) * 1000,
    pm2Watchdog: values['pm2-watchdog'] ?? null,
    write: values.write,
  };
}
