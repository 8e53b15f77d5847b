import { splitCommand } from '../config/command-line.ts';

/** A command line that needs no shell. */
export interface SimpleCommand {
  /** `NODE_ENV=production` before it. */
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Takes a line apart that a shell was meant for. `$PORT` and the like are put in from `variables`.
 * null: only a shell could do it
 */
export function parseSimple(line: string, variables: Readonly<Record<string, string>> = {}): SimpleCommand | null {
  const filled = line
    .trim()
    .replace(/\$(?:\{(\w+)(?::-[^}]*)?\}|(\w+))/g, (all, braced: string, bare: string) => variables[braced ?? bare] ?? all);
  const split = splitCommand(filled.replace(/^exec\s+/, ''));
  if (!split.ok || /[$*~]/.test(filled)) return null;
  const words = [split.value.program, ...split.value.args].filter((word) => word !== 'cross-env');
  const at = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const [program, ...args] = at < 0 ? [] : words.slice(at);
  if (program === undefined || program === 'cd') return null;
  const env = Object.fromEntries(
    words.slice(0, at).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  return { env, program, args };
}

/** The same, and `sh -c 'node server.js'` is what it has the shell run: a shell in between would keep signals from it. */
export function parseWithoutShell(line: string, variables: Readonly<Record<string, string>> = {}): SimpleCommand | null {
  const command = parseSimple(line, variables);
  return command === null ? null : withoutShell(command, variables);
}

/** See {@link parseWithoutShell}. */
export function withoutShell(command: SimpleCommand, variables: Readonly<Record<string, string>> = {}): SimpleCommand | null {
  const [flag = '', line = ''] = command.args;
  if (!/^((\/usr)?\/bin\/)?(ba|da)?sh$/.test(command.program) || !/^-\w*c$/.test(flag)) return command;
  const inner = parseSimple(line, variables);
  return inner === null ? null : { ...inner, env: { ...command.env, ...inner.env } };
}
