import type { Host } from '../../host/host.ts';

/** Who has lived for so long does not end in the next few milliseconds, as far as can be told. */
const GROWN_MS = 1_000;

/**
 * Whether an app has just been started. Most that end, end soon, and one that ends between PM2's reload and its files being open again
 * ends PM2's daemon (docs/decisions/log-rotation.md). Where the system does not tell, nobody is young.
 */
export class Newborns {
  readonly #host: Pick<Host, 'childrenOf' | 'ageMsOf'>;
  readonly #daemons: readonly number[];
  /** By pid: monotonic ms at which it is grown. */
  #grownAt: ReadonlyMap<number, number> = new Map();

  /** @param daemons PM2's daemon, of which all apps are children */
  constructor(host: Pick<Host, 'childrenOf' | 'ageMsOf'>, daemons: readonly number[]) {
    this.#host = host;
    this.#daemons = daemons;
  }

  any(): boolean {
    const now = performance.now();
    const children = this.#daemons.flatMap((daemon) => this.#host.childrenOf(daemon) ?? []);
    const grownAt = (pid: number) => this.#grownAt.get(pid) ?? now + GROWN_MS - (this.#host.ageMsOf(pid) ?? GROWN_MS);
    this.#grownAt = new Map(children.map((pid) => [pid, grownAt(pid)]));
    return [...this.#grownAt.values()].some((at) => at > now);
  }
}
