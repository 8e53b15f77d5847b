/**
 * An expected failure: something that a person can mend. It is shown as its message and its hint, never as a stack trace.
 * Each part of the product has its own subclass and codes.
 */
export class LifeguardError extends Error {
  /** Stable, for scripts and tests: `config-invalid`, `usage`, … */
  readonly code: string;
  /** What to do about it, a sentence or a command; null when the message says it all. */
  readonly hint: string | null;

  constructor(code: string, message: string, options: { hint?: string | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint ?? null;
  }
}
