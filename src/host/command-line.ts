import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MAX_LENGTH = 300;
/** The last word of a name: db-password, API_KEY, authToken, PGPASSWORD. */
const SECRET_NAME =
  /(^|[-_.]|PG)(pass(word|wd|phrase)?|pwd|secret|token|(api|private|access|secret)[-_]?key|credentials?)$|[a-z](password|passphrase|secret|token|apikey|privatekey)$/i;

/** A process's command line for people: secrets that it shows are taken out, at most 300 characters. '' when it can't be read. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      const text = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 });
      return redactCommand(text.trim().split(/\s+/));
    }
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
    // A kernel thread, or a program that wiped it, has none.
    return args.join('') === '' ? `[${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}]` : redactCommand(args);
  } catch {
    return '';
  }
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

/** Any text, the passwords of the URLs in it replaced by ***. */
export function redactUrls(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/]*@/gi, '$1***@');
}
