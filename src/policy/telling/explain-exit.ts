import type { ExitInfo } from '../event.ts';

/** What the last error line tells, most telling first. `$1` is the first group of the pattern. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/EADDRINUSE|address already in use/i, 'its port is already in use'],
  [/heap out of memory|Allocation failed - JavaScript heap/i, 'it ran into the memory limit of its own runtime'],
  [/\bMemoryError\b|Cannot allocate memory|ENOMEM/, 'there was no memory left for it'],
  [/ModuleNotFoundError: No module named '?([\w.-]+)/, 'the Python module $1 is not installed'],
  [/Cannot find (?:module|package) '([^']+)'/, 'it needs $1, which is not there'],
  [/ImportError|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND/, 'one of its imports fails'],
  [/Error loading ASGI app\. (.+)/, 'uvicorn cannot load the app: $1'],
  [/\b(SyntaxError|IndentationError|ParseError|TSError)\b/, 'there is a mistake in its code ($1)'],
  [/JSONDecodeError|YAMLException|YAMLParseError|TOMLDecodeError/, 'one of its configuration files cannot be read'],
  [/EACCES|PermissionError|permission denied/i, 'it lacks a permission'],
  [/ENOSPC|No space left on device/i, 'the disk is full'],
  [/EMFILE|Too many open files/i, 'it has too many files open'],
  [/can't open file '?([^':]+)|ENOENT.*'([^']+)'|No such file or directory: '?([^']+)/, 'a file is missing: $1'],
  [/ECONNREFUSED|ConnectionRefusedError|could not connect|connection refused/i, 'something that it needs refused the connection'],
  [/ENOTFOUND|EAI_AGAIN|Name or service not known/, 'a host name that it needs is not found'],
  [/password authentication failed/i, 'the database does not accept its password'],
  [/KeyError: '?(\w+)|environment variable '?(\w+)/, 'a setting may be missing: $1'],
];

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'it was killed (SIGKILL: kill -9, or too slow to stop)',
  SIGTERM: 'it was told to end (SIGTERM)',
  SIGHUP: 'its terminal went away (SIGHUP)',
  SIGSEGV: 'it crashed in native code (SIGSEGV)',
  SIGBUS: 'it crashed in native code (SIGBUS)',
  SIGILL: 'it ran an instruction that this processor lacks (SIGILL)',
  SIGABRT: 'it aborted itself (SIGABRT)',
};

const CODES: Readonly<Record<number, string>> = {
  126: 'its program may not be executed (exit code 126)',
  127: 'its program was not found (exit code 127)',
  134: 'it aborted itself (exit code 134)',
  137: 'it was killed (exit code 137)',
  139: 'it crashed in native code (exit code 139)',
  143: 'it was told to end (exit code 143)',
};

/** Why a process ended, in one plain clause for alerts and reasons: 'its port is already in use (exit code 1)'. Pure. */
export function explainExit(exit: ExitInfo): string {
  const how = exit.signal === null ? '' : exit.signal;
  if (exit.oom) return 'the kernel killed it because memory ran out (OOM killer)';
  // Killed from outside, whatever it logged before.
  if (how === 'SIGKILL' || how === 'SIGTERM' || how === 'SIGHUP') return SIGNALS[how] ?? how;
  const end = endOf(exit);
  const hint = exit.lastError === null ? null : hintIn(exit.lastError);
  if (exit.code === 0 || (hint === null && exit.lastError === null)) return end.sentence;
  return hint === null ? `${end.sentence}: ${exit.lastError}` : `${hint} (${end.short})`;
}

function endOf({ code, signal }: ExitInfo): { sentence: string; short: string } {
  if (signal !== null) return { sentence: SIGNALS[signal] ?? `it ended by ${signal}`, short: signal };
  if (code === null) return { sentence: 'it ended, nobody knows how', short: 'exit code unknown' };
  if (code === 0) return { sentence: 'it ended by itself, without an error (exit code 0)', short: 'exit code 0' };
  return { sentence: CODES[code] ?? `it ended with exit code ${code}`, short: `exit code ${code}` };
}

/** What an error log's telling line says, in plain words where it is known, else as it is. */
export function explainLine(line: string): string {
  return hintIn(line) ?? line;
}

function hintIn(line: string): string | null {
  for (const [pattern, text] of HINTS) {
    const match = pattern.exec(line);
    if (match) return text.replace('$1', match.slice(1).find((group) => group !== undefined) ?? '');
  }
  return null;
}
