import { readFileSync } from 'node:fs';

/** PM2 hands each app its own notes on it as variables, in small letters but for these. */
const OF_PM2 = /^([a-z_]+|NODE_APP_INSTANCE|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|windowsHide|pm_\w+)$/;
/** Ours, or needed by most programs. */
const EXPECTED = new Set(
  'PM2_HOME LIFEGUARD_APP LIFEGUARD_ECOSYSTEM LIFEGUARD_CONFIG_DIGEST PORT COLOUR SECRET PYTHONUNBUFFERED PATH HOME PWD SHELL LANG USER LOGNAME TZ TMPDIR'.split(
    ' ',
  ),
);

/** The environment that a process was started with. */
export function environmentOf(pid: number): Map<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

/**
 * The variables that an app has no business to have: neither ours, nor PM2's notes on it, nor `allowed`, nor such as this machine gives
 * to every process of it (the test's own ones that are nobody's launcher).
 */
export function foreignVariables(environment: ReadonlyMap<string, string>, allowed: readonly string[]): string[] {
  const everywhere = (name: string) =>
    name in process.env && !/^(npm_|PM2_|NODE_TEST|INIT_CWD|TERM|SSH_|_$|OLDPWD|SHLVL)/.test(name);
  const known = (name: string) => EXPECTED.has(name) || allowed.includes(name) || everywhere(name);
  // pm_id and status are PM2's notes on the app; of the launcher's they would have the launcher's value, and PM2 sets its own.
  return [...environment.keys()].filter((name) => !known(name) && !OF_PM2.test(name));
}
