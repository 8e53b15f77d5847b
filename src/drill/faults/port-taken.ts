import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { treesIn } from '../../host/processes/trees.ts';
import { type Attempt, type Fault, type Stage, sinceFirst } from '../fault.ts';
import { signal } from '../undo.ts';

/** Taken for so long once lifeguard has seen it. */
const HELD_MS = 2_000;
const UNNOTICED_MS = 30_000;
/** PM2 starts it again after 0.1 s. */
const TRIES = 3;
const TRY_FOR_MS = 1_000;
const TRY_EVERY_MS = 2;

/** Its port is held by another program, which is the drill itself: with its end, whatever the end, the port is free again. */
export const PORT_TAKEN: Fault = {
  name: 'port-taken',
  what: 'kill it and take its port before it is there again',
  cause: null,
  showsInChecks: false,
  async prepare(stage): Promise<Attempt | string> {
    const { backend, pids, host } = stage;
    const { port, policy } = backend;
    if (port === null) return 'it has no port';
    if (policy.instances > 1) return "in PM2's cluster mode PM2 itself holds its port";
    const tree = treesIn(await host.processes())(pids[0] ?? 0);
    const listeners = await host.listenersOn(port, tree);
    if (!listeners?.pids.some((pid) => tree.includes(pid))) return `none of its own processes listens on port ${port}`;
    const server = createServer((socket) => socket.destroy());
    server.unref();
    return {
      undoing: { struck: [] },
      doomed: new Set(pids),
      async bring() {
        await take(server, port, stage);
        return `killed, and port ${port} is taken by pid ${process.pid}, this command`;
      },
      async isOver({ records, sinceMs }) {
        const blocked = sinceFirst(records, 'blocked');
        return blocked === null ? sinceMs > UNNOTICED_MS : blocked > HELD_MS;
      },
      async end() {
        server.close();
      },
    };
  },
};

async function take(server: Server, port: number, { backend, apps, host }: Stage): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const roots = (await apps()).filter(({ name, pid }) => name === backend.name && pid > 0);
    const treeOf = treesIn(await host.processes());
    for (const pid of roots.flatMap((root) => treeOf(root.pid))) signal(pid, 'SIGKILL');
    const until = performance.now() + TRY_FOR_MS;
    while (performance.now() < until) {
      if (await listens(server, port)) return;
      await sleep(TRY_EVERY_MS);
    }
  }
  throw new Error(`port ${port} could not be taken: ${backend.name} was quicker each time`);
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const failed = () => {
      server.off('listening', done);
      resolve(false);
    };
    const done = () => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed).once('listening', done).listen(port, '127.0.0.1');
  });
}
