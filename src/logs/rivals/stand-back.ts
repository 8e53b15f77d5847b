import type { LogEvent } from '../log-event.ts';
import type { LogSource } from '../sources.ts';

/** Tells once of each rival which files it rotates, and once when it does no more. */
export class StandBack {
  readonly #report: (event: LogEvent) => void;
  #told = new Map<string, string[]>();

  constructor(report: (event: LogEvent) => void) {
    this.#report = report;
  }

  look(kept: readonly LogSource[]): void {
    const now = new Map<string, string[]>();
    for (const { rival, path } of kept) if (rival !== null) now.set(rival, [...(now.get(rival) ?? []), path]);
    for (const [rival, paths] of now) if (!this.#told.has(rival)) this.#report({ kind: 'stands-back', rival, paths });
    for (const [rival, paths] of this.#told) if (!now.has(rival)) this.#report({ kind: 'goes-on', rival, paths });
    this.#told = now;
  }
}
