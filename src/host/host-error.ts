import { LifeguardError } from '../errors/lifeguard-error.ts';

/** The system could not be asked: what it would have said is not known. */
export class HostError extends LifeguardError {
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('host-unknown', message, options);
  }
}
