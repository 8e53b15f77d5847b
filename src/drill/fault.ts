import type { Host } from '../host/host.ts';
import type { ProcessId } from '../host/processes/process-row.ts';
import { treesIn } from '../host/processes/trees.ts';
import type { Cause } from '../policy/policy.ts';

/** A fault that can be brought about on a running backend without touching its code. */
export interface Fault {
  readonly name: FaultName;
  /** What is done, for people, as the end of "this will …". */
  readonly what: string;
  /** What lifeguard restarts it for: `restart.on` has to name it. */
  readonly cause: Cause;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Which processes are struck: that which PM2 runs, those that take its connections, or all of them. */
  readonly strikes: 'first' | 'listeners' | 'tree';
}

export type FaultName = 'crash' | 'hang' | 'freeze';

export const FAULTS: readonly Fault[] = [
  { name: 'crash', what: 'kill its process (SIGKILL)', cause: 'crash', signal: 'SIGKILL', strikes: 'first' },
  {
    name: 'hang',
    what: 'stop what takes its connections, so that they wait without an answer (SIGSTOP)',
    cause: 'hang',
    signal: 'SIGSTOP',
    strikes: 'listeners',
  },
  { name: 'freeze', what: 'stop all of its processes (SIGSTOP)', cause: 'hang', signal: 'SIGSTOP', strikes: 'tree' },
];

/** The processes that a fault strikes, each told from a later one of the same pid. @param root what PM2 runs @param port null: it has none */
export async function struckBy({ strikes }: Fault, host: Host, root: number, port: number | null): Promise<ProcessId[]> {
  const table = await host.processes();
  const tree = treesIn(table)(root);
  const listeners = strikes === 'listeners' && port !== null ? ((await host.listenersOn(port, tree))?.pids ?? []) : [];
  const own = listeners.filter((pid) => tree.includes(pid));
  const pids = strikes === 'tree' ? tree : strikes === 'listeners' && own.length > 0 ? own : [root];
  return pids.flatMap((pid) => {
    const startTime = table.get(pid)?.startTime;
    return startTime === undefined ? [] : [{ pid, startTime }];
  });
}
