import { isTypedConfig } from './ecosystem-files.ts';

/** What is to be done with which ecosystem file. `args` is everything else on the command line. */
export interface FileRequest {
  readonly command: 'start' | 'restart' | 'reload' | 'stop' | 'delete';
  /** As it was typed; null: the one in the current folder. */
  readonly file: string | null;
  readonly args: readonly string[];
}

const COMMANDS: Readonly<Record<string, FileRequest['command']>> = {
  start: 'start',
  restart: 'restart',
  startOrRestart: 'restart',
  reload: 'reload',
  startOrReload: 'reload',
  startOrGracefulReload: 'reload',
  stop: 'stop',
  delete: 'delete',
  del: 'delete',
};

/** Options of PM2's that take a value and may stand in front of the command. */
const WITH_VALUE = new Set(['--only', '--env', '-n', '--name', '-i', '--instances', '--cwd', '--namespace']);

/**
 * The part of PM2's command line that is about a configuration file in TypeScript, or null: everything else is PM2's own business.
 * `pm2 start`, `restart` and so on with that file; a bare `pm2 start`.
 */
export function readRequest(argv: readonly string[]): FileRequest | null {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const positions = own.flatMap((arg, at) => (arg.startsWith('-') || WITH_VALUE.has(own[at - 1] ?? '') ? [] : [at]));
  const [commandAt, ...others] = positions;
  const command = commandAt === undefined ? undefined : COMMANDS[own[commandAt] ?? ''];
  if (!command) return null;
  const files = others.map((at) => own[at] ?? '');
  if (files.length > 1 || (files.length === 0 && command !== 'start')) return null;
  const [file = null] = files;
  if (file !== null && !isTypedConfig(file)) return null;
  return { command, file, args: own.filter((_, at) => at !== commandAt && !others.includes(at)) };
}
