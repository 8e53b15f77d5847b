import { basename } from 'node:path';
import type { Run, StopSignal } from './resolved.ts';

/** Servers that end at once on SIGINT, requests and tasks in flight or not, and gracefully on SIGTERM. */
const ENDS_GRACEFULLY_ON_TERM = new Set(['gunicorn', 'celery']);

/**
 * How a backend is asked to end: by this signal to its parent alone, which ends its workers. null: as PM2 does it, SIGINT to the whole tree.
 * @param configured `restart.stop_signal`
 */
export function stopSignalOf({ program, envFile }: Run, configured: StopSignal | null): StopSignal | null {
  // What reads an env_file may stay as the parent (bin/with-env.js), and leaves SIGINT to PM2.
  if (configured === 'SIGINT' && envFile !== null) return null;
  if (configured !== null) return configured;
  const words = program.kind === 'command' ? [program.program, ...program.args] : [program.script, ...program.args];
  return words.some((word) => ENDS_GRACEFULLY_ON_TERM.has(basename(word))) ? 'SIGTERM' : null;
}
