import { readFile } from 'node:fs/promises';
import { treesIn } from '../../host/processes/trees.ts';
import { type Attempt, type Fault, type Stage, sinceFirst } from '../fault.ts';
import { signal } from '../undo.ts';
import { identified } from './struck.ts';

/** Down for so long once lifeguard has seen it. */
const HELD_MS = 2_000;
/** A backend that does not notice keeps nobody waiting longer than this. */
const UNNOTICED_MS = 30_000;

const PORTS: Readonly<Record<string, number>> = { postgres: 5432, redis: 6379, mysql: 3306, mongodb: 27017, amqp: 5672 };

/** A dependency that does not answer. Only what runs beside the backend as an app of this project's is stopped; nobody else's. */
export const DEPENDENCY_DOWN: Fault = {
  name: 'dependency-down',
  what: 'stop the processes of a dependency that this project runs, such as its database (SIGSTOP)',
  cause: null,
  showsInChecks: true,
  async prepare(stage): Promise<Attempt | string> {
    if (stage.backend.dependencies.length === 0) return 'it depends on nothing (depends_on)';
    const found = await ownDependency(stage);
    if (found === null) return 'none of its dependencies is an app of this project that a drill may stop';
    return {
      undoing: { struck: found.struck },
      doomed: new Set(),
      async bring() {
        for (const { pid } of found.struck) signal(pid, 'SIGSTOP');
        return `${found.app} is stopped (${found.struck.length} processes)`;
      },
      async isOver({ records, sinceMs }) {
        const held = sinceFirst(records, 'hold');
        return held === null ? sinceMs > UNNOTICED_MS : held > HELD_MS;
      },
    };
  },
};

async function ownDependency({ backend, companions, apps, host }: Stage) {
  const table = await host.processes();
  const treeOf = treesIn(table);
  const own = (await apps())
    .filter(({ name, pid }) => companions.includes(name) && pid > 0)
    .map(({ name, pid }) => ({ app: name, tree: treeOf(pid) }));
  for (const { check } of backend.dependencies) {
    const port = await localPortOf(check);
    const listeners = port === null ? null : await host.listenersOn(port, []);
    const holder = own.find(({ tree }) => listeners?.pids.some((pid) => tree.includes(pid)));
    if (holder !== undefined) return { app: holder.app, struck: identified(holder.tree, table) };
  }
  return null;
}

/** The port on this machine that a dependency's check asks; null: it asks elsewhere, or cannot be read. */
async function localPortOf(check: string): Promise<number | null> {
  try {
    const isFile = check.startsWith('postgres+file:');
    const url = new URL(isFile ? (await readFile(new URL(check.replace('postgres+', '')), 'utf8')).trim() : check);
    if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) return null;
    const scheme = url.protocol.replace(/(ql|s|\+\w+)*:$/, '');
    return Number(url.port) || (PORTS[scheme] ?? null);
  } catch {
    return null;
  }
}
