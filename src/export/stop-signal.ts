import type { StopSignal } from '../config/resolved.ts';
import type { Subject } from './subject.ts';

/** The signal that asks a backend to end gracefully. */
export function stopSignalOf({ backend }: Subject): StopSignal {
  return backend.stopSignal ?? 'SIGINT';
}
