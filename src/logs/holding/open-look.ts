import type { FileId } from '../../host/file-id.ts';
import type { Host, OpenFiles } from '../../host/host.ts';

/**
 * Whether somebody has a file open. `unknown`: one of those who may have may not be looked into (another user's process, one
 * with capabilities of its own). It is neither of the other two: what would be wrong if the file were held is not done, and what would
 * be wrong if it were free is not done either.
 */
export type Hold = 'held' | 'free' | 'unknown';

/** What some processes had open at one moment. */
export class OpenLook {
  readonly #open: ReadonlyMap<number, OpenFiles>;

  private constructor(open: ReadonlyMap<number, OpenFiles>) {
    this.#open = open;
  }

  static async at(host: Pick<Host, 'openFilesOf'>, pids: readonly number[]): Promise<OpenLook> {
    return new OpenLook(await host.openFilesOf([...new Set(pids)]));
  }

  /** Whether one of `pids` has it; those that were not looked at are not known. */
  hold(file: FileId, pids: Iterable<number> = this.#open.keys()): Hold {
    const holds = [...pids].map((pid) => this.#open.get(pid)?.has(file));
    if (holds.includes(true)) return 'held';
    return holds.includes(undefined) ? 'unknown' : 'free';
  }

  /** All of `pids` were looked at and could be looked into. */
  isWholeOf(pids: readonly number[]): boolean {
    return pids.every((pid) => (this.#open.get(pid) ?? null) !== null);
  }
}
