import { redactUrls } from '../units/redact-urls.ts';
import type { Host } from './host.ts';

const MAX_LENGTH = 300;
/** The last word of a name: db-password, API_KEY, authToken, PGPASSWORD. */
const SECRET_NAME =
  /(^|[-_.]|PG)(pass(word|wd|phrase)?|pwd|secret|token|(api|private|access|secret)[-_]?key|credentials?)$|[a-z](password|passphrase|secret|token|apikey|privatekey)$/i;

/** The shell's own names for folders. */
const FOLDER_NAME = /^(OLD)?PWD$/;

/** A process's command line for people: secrets that it shows are taken out, at most 300 characters. '' when it can't be read. */
export async function commandLineOf(host: Pick<Host, 'argumentsOf'>, pid: number): Promise<string> {
  return redactCommand((await host.argumentsOf(pid)) ?? []);
}

/**
 * Program and arguments in one line, without what looks like a secret: the password of a URL, `--password=X`, `--token X`,
 * `API_KEY=X`. A secret in any other place can't be told from an ordinary word, and stays.
 */
export function redactCommand(args: readonly string[]): string {
  let secretFollows = false;
  const shown = args.map((arg) => {
    if (secretFollows && !arg.startsWith('-')) {
      secretFollows = false;
      return '***';
    }
    const [, name = '', value] = /^(?:-{0,2})([\w.-]+)(?:[=](.*))?$/s.exec(arg) ?? [];
    secretFollows = value === undefined && arg.startsWith('-') && SECRET_NAME.test(name);
    if (value !== undefined && SECRET_NAME.test(name)) return `${arg.slice(0, arg.length - value.length)}***`;
    return redactUrls(arg);
  });
  const line = shown
    .join(' ')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}

/** Whether a variable or an option of this name holds a secret, as far as names go. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !FOLDER_NAME.test(name);
}
