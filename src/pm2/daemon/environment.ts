import { basename } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What npm, PM2, Node's test runner and this package put into the environment of the programs that they run. */
const OF_THE_LAUNCHER = /^(npm_|pm2?_|PM2_|axm_|km_|NODE_TEST_|NODE_CHANNEL_|LIFEGUARD_)/;

/** PM2 hands an app its own notes on it as variables; an ecosystem file that runs as an app must not pass them on. */
const OF_PM2 = new Set(
  `name namespace args node_args env exec_mode exec_interpreter instances instance_var merge_logs vizion vizion_running
  autostart autorestart watch pmx automation treekill username windowsHide kill_retry_time status created_at restart_time
  unstable_restarts unique_id version versioning node_version exit_code prev_restart_delay NODE_APP_INSTANCE filter_env
  restart_delay exp_backoff_restart_delay max_restarts min_uptime kill_timeout listen_timeout wait_ready cron_restart
  max_memory_restart source_map_support disable_source_map_support shutdown_with_message`.split(/\s+/),
);

/** Of the terminal and the login session; a daemon's child has neither, and they differ from one terminal to the next. */
const OF_THE_SESSION = new Set(
  `_ PWD OLDPWD SHLVL TERM COLORTERM TERM_PROGRAM TERM_PROGRAM_VERSION TERM_SESSION_ID COLUMNS LINES LS_COLORS WINDOWID
  VTE_VERSION TMUX TMUX_PANE STY MAIL PS1 PROMPT_COMMAND
  SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AGENT_PID
  NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE INIT_CWD`.split(/\s+/),
);

/** npm sets these for scripts, beside its npm_*. */
const OF_NPM_SCRIPTS = ['NODE', 'COLOR', 'EDITOR'];

/**
 * What an app may inherit from the environment that `pm2 start` was typed in: the user's own variables. Left out is what belongs to
 * the launcher (npm's, PM2's, and the folders that npm puts in front of PATH) and to the terminal.
 */
export function inheritable(environment: Environment): Record<string, string> {
  const underNpm = environment.npm_execpath !== undefined || environment.npm_lifecycle_event !== undefined;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || OF_THE_LAUNCHER.test(name) || OF_PM2.has(name) || OF_THE_SESSION.has(name)) continue;
    if (/^(XDG_SESSION|XDG_VTNR|XDG_SEAT|VSCODE_|BASH_FUNC_)/.test(name)) continue;
    if (underNpm && OF_NPM_SCRIPTS.includes(name)) continue;
    kept[name] = name === 'PATH' && underNpm ? withoutNpmFolders(value) : value;
  }
  return kept;
}

/** What the daemon itself gets: the same, and the user's own settings of PM2, such as PM2_KILL_SIGNAL. */
export function inheritableByDaemon(environment: Environment, pm2Home: string): Record<string, string> {
  const settings = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && name.startsWith('PM2_') && !NOTES_OF_PM2S_CLI.has(name) ? [[name, value] as const] : [],
  );
  return { ...inheritable(environment), ...Object.fromEntries(settings), PM2_HOME: pm2Home };
}

/** PM2's command line and API leave these notes to themselves in their own environment. */
const NOTES_OF_PM2S_CLI = new Set(
  'PM2_PROGRAMMATIC PM2_USAGE PM2_JSON_PROCESSING PM2_INTERACTOR_PROCESSING PM2_SILENT PM2_STATUS PM2_DISCRETE_MODE'.split(' '),
);

function withoutNpmFolders(path: string): string {
  return path
    .split(':')
    .filter((folder) => !folder.endsWith('/node_modules/.bin') && basename(folder) !== 'node-gyp-bin')
    .join(':');
}
