import { parseArgs } from 'node:util';
import { FAULTS } from './faults.ts';

export const HELP = `Usage: npm run bench -- recovery [options]

Seconds from a fault to the first 200 of a new process, median and worst, and needless restarts of a backend that is well,
for lifeguard, PM2, pm2-watchdog, monit and supervisor (Debian's packages), at their default and their fastest settings.
All of it takes about 13 minutes. Everything runs on 127.0.0.1, in temporary folders, and is ended afterwards.

  --only NAMES           of lifeguard,PM2,pm2-watchdog,monit,supervisor
  --setting NAME         default or fastest
  --faults NAMES         of ${FAULTS.map((fault) => fault.name).join(',')} (none: only needless restarts)
  --rounds N             of each cell; default 5, 3 for what takes tens of seconds by its settings
  --no-needless          faults only
  --window SECONDS       how long needless restarts are counted; default 65
  --pm2-watchdog FOLDER  where the PM2 module pm2-watchdog is, with its dependencies; without it that one is left out
  --write                also into docs/benchmarks.md`;

export interface Options {
  readonly only: readonly string[] | null;
  readonly setting: string | null;
  readonly faults: readonly string[] | null;
  readonly rounds: number | null;
  readonly needless: boolean;
  readonly windowMs: number;
  readonly pm2Watchdog: string | null;
  readonly write: boolean;
}

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      setting: { type: 'string' },
      faults: { type: 'string' },
      rounds: { type: 'string' },
      'no-needless': { type: 'boolean', default: false },
      window: { type: 'string', default: '65' },
      'pm2-watchdog': { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    only: values.only?.split(',') ?? null,
    setting: values.setting ?? null,
    faults: values.faults?.split(',') ?? null,
    rounds: values.rounds === undefined ? null : Number(values.rounds),
    needless: !values['no-needless'],
    windowMs: Number(values.window) * 1000,
    pm2Watchdog: values['pm2-watchdog'] ?? null,
    write: values.write,
  };
}
