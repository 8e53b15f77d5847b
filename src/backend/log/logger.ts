import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { LineFile } from './line-file.ts';

/** What may wait for a reader of stdout that has stopped reading (a frozen PM2 daemon), in bytes. */
const STDOUT_BACKLOG_BYTES = 1024 * 1024;

export interface Log {
  readonly logger: Logger;
  /** Waits, at most `withinMs`, until stdout has taken what was written. The file already has it. */
  flush(withinMs?: number): Promise<void>;
}

/** Lines of JSON, each to stdout, where PM2 takes them, and to `app.log` in the directory. */
export function openLog(directory: string, level: string): Log {
  const file = new LineFile(join(directory, 'app.log'));
  process.stdout.on('error', () => undefined);
  const destination = {
    write(line: string): void {
      file.write(line);
      if (process.stdout.writable && process.stdout.writableLength < STDOUT_BACKLOG_BYTES) process.stdout.write(line);
    },
  };
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return { logger, flush: flushStdout };
}

function flushStdout(withinMs = 200): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    process.stdout.write('', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
