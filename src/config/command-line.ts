import { isAbsolute } from 'node:path';
import { type Parsed, refuse } from '../units/parsed.ts';

export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

const SHELL_WORDS: readonly [RegExp, string][] = [
  [/^&&/, 'Two commands: put them in a script file and name that as run.script.'],
  [/^\|\|?/, 'A pipe needs a shell: put the line in a script file and name that as run.script.'],
  [/^;/, 'Two commands: put them in a script file and name that as run.script.'],
  [/^&/, 'PM2 keeps it in the background already: leave the & out.'],
  [/^[<>]/, 'What it prints goes to the log files of logs.directory: leave the redirection out.'],
  [/^`|^\$\(/, 'Nothing is run to make an argument: give its value, or ${VAR} in YAML.'],
];

/**
 * Splits a command line into words as a shell does (spaces, '…', "…", a backslash), but runs no shell: what only a shell could do
 * is refused with what to do instead. `*`, `~` and `$VAR` stay as they are. Quotes keep everything.
 */
export function splitCommand(text: string): Parsed<CommandLine> {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const char = rest[0] ?? '';
    const shell = SHELL_WORDS.find(([pattern]) => pattern.test(rest));
    if (shell) return refuse(`a program and its arguments, no shell (it holds ${shell[0].exec(rest)?.[0]})`, shell[1]);
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
      continue;
    }
    const piece = nextPiece(rest);
    if (!piece) return refuse('a program and its arguments', `The quote ${char} is never closed.`);
    word = (word ?? '') + piece.text;
    at += piece.length;
  }
  if (word !== null) words.push(word);
  const [program, ...args] = words;
  return program ? { ok: true, value: { program, args } } : refuse('a program and its arguments');
}

/** One quoted stretch, escaped character or plain character; null when a quote is left open. */
function nextPiece(rest: string): { text: string; length: number } | null {
  if (rest[0] === "'") {
    const end = rest.indexOf("'", 1);
    return end < 0 ? null : { text: rest.slice(1, end), length: end + 1 };
  }
  if (rest[0] === '"') {
    const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(rest);
    return quoted ? { text: (quoted[1] ?? '').replace(/\\(["\\$`])/g, '$1'), length: quoted[0].length } : null;
  }
  if (rest[0] === '\\' && rest.length > 1) return { text: rest[1] ?? '', length: 2 };
  return { text: rest[0] ?? '', length: 1 };
}

/** Of a command line that is valid. A bare program name is left for the PATH; one with a slash is a path. */
export function resolveCommand(line: string, absolute: (path: string) => string): CommandLine {
  const words = splitCommand(line);
  if (!words.ok) throw new Error(`not a command line, though it was valid: ${words.expected}`);
  const { program, args } = words.value;
  return { program: program.includes('/') && !isAbsolute(program) ? absolute(program) : program, args };
}
