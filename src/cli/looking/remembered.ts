import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchConfig } from '../../config/resolved.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { areAsBefore, areSettled, type Inputs, noteInputs } from '../../pm2/command-line/inputs.ts';
import { folderOf } from '../../pm2/home.ts';
import type { Unapplied } from '../../pm2/launch/unapplied.ts';
import type { Pm2Process } from '../../pm2/types.ts';

/** What the answer depends on beside files. */
interface Circumstances {
  readonly file: string;
  readonly running: WatchConfig;
  readonly listed: readonly Pm2Process[];
}

interface Kept {
  readonly version: 1;
  readonly circumstances: string;
  readonly inputs: Inputs;
  readonly answer: readonly Unapplied[];
}

/** They change with every prompt and say nothing of the configuration. */
const OF_THE_TERMINAL = new Set(
  '_ SHLVL OLDPWD COLUMNS LINES WINDOWID SSH_CLIENT SSH_CONNECTION SSH_TTY XDG_SESSION_ID'.split(' '),
);
/** What PM2 notes of a process as it goes, in `pm2_env`. */
const AS_IT_GOES = new Set(
  'axm_monitor axm_dynamic axm_actions axm_options pm_uptime created_at restart_time unstable_restarts prev_restart_delay exit_code status'.split(
    ' ',
  ),
);

/** Where the last answer is kept. */
export function comparedFile(pm2Home: string, lifeguard: string): string {
  return join(folderOf(pm2Home, lifeguard), 'compared.json');
}

/**
 * The answer of the last time, where nothing that it was made from has changed: running an ecosystem file takes ten times as long as all
 * else that `status` does. Made from: every file that was read, looked for or imported meanwhile, the environment, the folder, what runs.
 * @param ask is told where to note what it imports
 */
export async function remembered(
  keptIn: string,
  given: Circumstances,
  ask: (note: (url: string) => void) => Promise<readonly Unapplied[]>,
): Promise<readonly Unapplied[]> {
  const circumstances = digestOf(given);
  const kept = readKept(keptIn);
  if (kept?.circumstances === circumstances && areAsBefore(kept.inputs)) return kept.answer;
  const { value: answer, inputs } = await noteInputs(ask);
  if (areSettled(inputs, Date.now())) write(keptIn, { version: 1, circumstances, inputs, answer });
  return answer;
}

function digestOf({ file, running, listed }: Circumstances): string {
  const environment = Object.entries(process.env).filter(([key]) => !OF_THE_TERMINAL.has(key));
  const apps = listed.map(({ name, pmId, env }) => [name, pmId, Object.entries(env).filter(([key]) => !AS_IT_GOES.has(key))]);
  const all = [process.version, process.cwd(), environment.sort(), file, running, apps];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

function readKept(file: string): Kept | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return kept.version === 1 ? kept : null;
  } catch {
    return null;
  }
}

/** Another user's folder is only looked at. */
function write(file: string, kept: Kept): void {
  try {
    replaceFile(file, JSON.stringify(kept));
  } catch {
    // It is asked again the next time.
  }
}
