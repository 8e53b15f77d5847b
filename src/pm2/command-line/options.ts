import { LifeguardError } from '../../errors/lifeguard-error.ts';
import type { Adopt } from '../launch/take-over.ts';
import { adoptAsking } from './ask.ts';

export interface Options {
  /** `--only A,B`, given once or more; null: all. */
  readonly only: readonly string[] | null;
  /** `--env NAME`; null: none. */
  readonly envName: string | null;
  /** `--adopt`, and who is asked before an app is restarted for it; null: not given. */
  readonly adopt: Adopt | null;
}

/** Options of PM2's that mean nothing here or are the case anyway. */
const ACCEPTED = new Set(['-f', '--force', '-a', '--update-env', '-s', '--silent', '--no-color', '-m', '--mini-list']);

const SWITCHES = new Set(['--adopt', '--yes']);

/**
 * Reads what may follow `start ecosystem.config.ts`.
 * @throws LifeguardError `usage` for anything else
 */
export function readOptions(args: readonly string[]): Options {
  const only: string[] = [];
  let envName: string | null = null;
  const given = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const [name = '', inline] = (args[at] ?? '').split(/=(.*)/s);
    if (ACCEPTED.has(name) && inline === undefined) continue;
    if (SWITCHES.has(name) && inline === undefined && given.add(name)) continue;
    if (name !== '--only' && name !== '--env')
      throw new LifeguardError('usage', `${name} is not for an ecosystem file`, { hint: HINT });
    const value = inline ?? args[++at];
    if (!value) throw new LifeguardError('usage', `${name} needs a value`, { hint: HINT });
    if (name === '--env') envName = value;
    else only.push(...value.split(/[, ]+/).filter((each) => each !== ''));
  }
  const adopt = given.has('--adopt') ? adoptAsking(given.has('--yes')) : null;
  return { only: only.length > 0 ? only : null, envName, adopt };
}

const HINT =
  'Options here: --only NAME[,NAME], --env NAME, --adopt (with --yes: without asking). What an app is run with is said in the file.';
