import type { PortHolder } from '../../../src/policy/event.ts';
import type { Machine, SimProcess } from './machine.ts';

/** Somebody who has nothing to do with PM2. */
export interface Stranger {
  readonly pid: number;
  readonly command: string;
  /** What it answers to any request; null: nothing ever. */
  readonly status: number | null;
  /** Monotonic ms. */
  readonly since: number;
}

/** `earlier`: it was there before all of the app's own processes. */
export type Holder = PortHolder & { readonly earlier: boolean };

/** Who listens: one process, or the workers for which PM2's daemon does, or a stranger. */
export type Listener =
  | { readonly kind: 'process'; readonly process: SimProcess }
  | { readonly kind: 'workers'; readonly workers: SimProcess[] }
  | { readonly kind: 'stranger'; readonly stranger: Stranger };

/** Who listens on which port. */
export class PortTable {
  readonly #listeners = new Map<number, Listener>();

  at(port: number): Listener | undefined {
    return this.#listeners.get(port);
  }

  /** false: the port is taken (EADDRINUSE). */
  listen(port: number, process: SimProcess): boolean {
    if (this.#listeners.has(port)) return false;
    this.#listeners.set(port, { kind: 'process', process });
    return true;
  }

  /** A cluster's worker: it shares the port with the others. false: somebody else has it. */
  join(port: number, worker: SimProcess): boolean {
    const found = this.#listeners.get(port);
    if (found?.kind === 'workers') found.workers.push(worker);
    else if (found === undefined) this.#listeners.set(port, { kind: 'workers', workers: [worker] });
    else return false;
    return true;
  }

  /** false: the port is taken. */
  take(port: number, stranger: Stranger): boolean {
    if (this.#listeners.has(port)) return false;
    this.#listeners.set(port, { kind: 'stranger', stranger });
    return true;
  }

  /** The stranger goes. */
  leave(port: number): void {
    if (this.#listeners.get(port)?.kind === 'stranger') this.#listeners.delete(port);
  }

  release(port: number, process: SimProcess): void {
    const found = this.#listeners.get(port);
    if (found?.kind === 'process' && found.process === process) this.#listeners.delete(port);
    if (found?.kind !== 'workers') return;
    const at = found.workers.indexOf(process);
    if (at >= 0) found.workers.splice(at, 1);
    if (found.workers.length === 0) this.#listeners.delete(port);
  }

  /** As the host's own look tells it: who keeps this app from its port though none of `ownPids` does. */
  holderOf(port: number, app: string, ownPids: readonly number[], machine: Machine): Holder | null {
    const found = this.#listeners.get(port);
    if (found === undefined || found.kind === 'workers') return null;
    const isEarlier = (since: number): boolean =>
      ownPids.every((pid) => (machine.at(pid)?.startedAt ?? Number.POSITIVE_INFINITY) > since);
    if (found.kind === 'stranger') {
      const { pid, command, since } = found.stranger;
      return { kind: 'stranger', pid, command, earlier: isEarlier(since) };
    }
    const { process } = found;
    for (let above: SimProcess | null = process; above !== null; above = above.parent)
      if (above.alive && ownPids.includes(above.pid)) return null;
    const { pid, app: command, startedAt } = process;
    if (command !== app) return { kind: 'stranger', pid, command, earlier: isEarlier(startedAt) };
    return isOrphan(process) ? { kind: 'orphan', pid, command, earlier: isEarlier(startedAt) } : null;
  }
}

/** PM2 has lost it: nothing above it that lives is PM2's. */
export function isOrphan(process: SimProcess): boolean {
  for (let above: SimProcess | null = process; above !== null; above = above.parent)
    if (above.alive && above.belongsToPm2) return false;
  return true;
}
