import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** What an env_file sets; nothing where there is none, or it cannot be read, which is told among the problems. Secrets: never to be shown. */
export function variablesIn(envFile: string | null): Readonly<Record<string, string>> {
  try {
    return envFile === null ? {} : (parseEnv(readFileSync(envFile, 'utf8')) as Record<string, string>);
  } catch {
    return {};
  }
}
