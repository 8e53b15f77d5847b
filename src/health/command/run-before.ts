import type { BeforeCommand } from '../../config/resolved.ts';
import type { Host } from '../../host/host.ts';
import { formatDuration } from '../../units/duration.ts';
import { redactUrls } from '../../units/redact-urls.ts';
import { type Ending, lastLine, startCommand, whyNotStarted } from './run-command.ts';

/** A command before a start, under way. */
export interface BeforeRun {
  /** null: it could not be started. */
  readonly pid: number | null;
  /** Why it failed, as the end of a sentence that begins with the command; null: it ended well. Never rejects. */
  readonly failure: Promise<string | null>;
  /** The last lines of what it printed so far. */
  lastLines(): readonly string[];
  /** Ends it at once. */
  cancel(): void;
}

const LAST_LINES = 10;

/** @param env what PM2 gives the backend */
export function runBefore(command: BeforeCommand, env: Readonly<Record<string, string>>, host: Host): BeforeRun {
  const { pid, ending, output, cancel } = startCommand({ ...command, env }, host);
  return {
    pid,
    failure: ending.then((how) => failureOf(how, command, output.text)),
    lastLines: () =>
      output.text
        .trim()
        .split('\n')
        .slice(-LAST_LINES)
        .map((line) => redactUrls(line)),
    cancel,
  };
}

function failureOf(how: Ending, command: BeforeCommand, text: string): string | null {
  switch (how.kind) {
    case 'not-started':
      return `cannot be run: ${whyNotStarted(how.error, command)}`;
    case 'too-long':
      return `did not end within ${formatDuration(command.timeoutMs)}, and was killed`;
    case 'exit':
      return how.code === 0 ? null : `failed with ${how.signal ?? `exit status ${how.code}`}${lastLine(text)}`;
  }
}
