import { codeOf, type LogEvent, textOf } from './log-event.ts';

/** Tells each failure once, until that file is well again. */
export class Failures {
  readonly #report: (event: LogEvent) => void;
  readonly #told = new Map<string, Set<string>>();

  constructor(report: (event: LogEvent) => void) {
    this.#report = report;
  }

  add(path: string, error: unknown): void {
    const code = codeOf(error);
    const codes = this.#told.get(path) ?? new Set();
    this.#told.set(path, codes);
    if (codes.has(code)) return;
    codes.add(code);
    this.#report({ kind: 'failed', path, code, text: textOf(error) });
  }

  /** The file is well again: its next failure is news. */
  clear(path: string): void {
    this.#told.delete(path);
  }

  /** @returns false: it threw, which has been told */
  try(path: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.add(path, error);
      return false;
    }
  }
}
