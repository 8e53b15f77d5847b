import type { Host } from '../../host/host.ts';
import type { ProcessId } from '../../host/processes/process-row.ts';
import { treesIn } from '../../host/processes/trees.ts';
import type { Attempt, Fault, Stage } from '../fault.ts';
import { signal } from '../undo.ts';

interface Blow extends Omit<Fault, 'prepare' | 'showsInChecks'> {
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Which processes are struck: that which PM2 runs, those that take its connections, or all of them. */
  readonly strikes: 'first' | 'listeners' | 'tree';
}

const BLOWS: readonly Blow[] = [
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

/** A signal to its processes, and nothing more: the restart cures it. */
export const STRUCK: readonly Fault[] = BLOWS.map((blow) => ({
  ...blow,
  showsInChecks: blow.signal === 'SIGSTOP',
  async prepare(stage): Promise<Attempt | string> {
    const struck = await struckBy(blow, stage);
    if (struck.length === 0) return 'its processes are just being replaced';
    return {
      undoing: { struck },
      doomed: new Set(blow.strikes === 'first' ? stage.pids.slice(0, 1) : stage.pids),
      async bring() {
        for (const { pid } of struck) signal(pid, blow.signal);
        return `done to ${struck.map(({ pid }) => `pid ${pid}`).join(', ')}`;
      },
    };
  },
}));

async function struckBy({ strikes }: Blow, { host, pids, backend: { port } }: Stage): Promise<ProcessId[]> {
  const table = await host.processes();
  // One frozen worker of PM2's cluster is seen by no check: all of them hang, or the others serve on.
  const roots = strikes === 'first' ? pids.slice(0, 1) : pids;
  const tree = roots.flatMap(treesIn(table));
  const listeners = strikes === 'listeners' && port !== null ? ((await host.listenersOn(port, tree))?.pids ?? []) : [];
  const own = listeners.filter((pid) => tree.includes(pid));
  const chosen = strikes === 'tree' ? tree : strikes === 'listeners' && own.length > 0 ? own : roots;
  return identified(chosen, table);
}

/** Each told from a later one of the same pid. */
export function identified(pids: readonly number[], table: Awaited<ReturnType<Host['processes']>>): ProcessId[] {
  return pids.flatMap((pid) => {
    const startTime = table.get(pid)?.startTime;
    return startTime === undefined ? [] : [{ pid, startTime }];
  });
}
