import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CommandCheck } from '../../config/resolved.ts';
import { inheritable } from '../../pm2/daemon/environment.ts';

/** As where a backend's own program is looked for. */
const VIRTUAL_ENVIRONMENTS = ['venv/bin', '.venv/bin'];

/**
 * What a check's command runs with: what lifeguard inherited, the backend's env_file as it is now, its variables; and a virtual environment
 * of its folder first on the PATH.
 * @throws an error of node:fs when the env_file cannot be read
 */
export function environmentFor({ cwd, env, envFile }: Pick<CommandCheck, 'cwd' | 'env' | 'envFile'>): NodeJS.ProcessEnv {
  const { PM2_HOME } = process.env;
  const inherited = { ...inheritable(process.env), ...(PM2_HOME === undefined ? {} : { PM2_HOME }) };
  const all: NodeJS.ProcessEnv = { ...inherited, ...(envFile === null ? {} : parseEnv(readFileSync(envFile, 'utf8'))), ...env };
  const path = [...VIRTUAL_ENVIRONMENTS.map((folder) => join(cwd, folder)), all.PATH ?? ''];
  return { ...all, PATH: path.join(delimiter) };
}
