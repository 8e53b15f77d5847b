import { basename } from 'node:path';
import type { Subject } from './subject.ts';

/** Servers that end at once on SIGINT, requests in flight or not, and gracefully on SIGTERM. */
const ENDS_GRACEFULLY_ON_TERM = new Set(['gunicorn', 'celery']);

/** The signal that asks a backend to end gracefully. */
export function stopSignalOf({ line }: Subject): 'SIGINT' | 'SIGTERM' {
  return line.some((word) => ENDS_GRACEFULLY_ON_TERM.has(basename(word))) ? 'SIGTERM' : 'SIGINT';
}
