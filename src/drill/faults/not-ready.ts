import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aliveOf } from '../../host/processes/is-alive.ts';
import type { Attempt, Fault } from '../fault.ts';
import { identified } from './struck.ts';

/**
 * 503 of a process that only a restart cures. A server of the drill's own gives that answer, and lifeguard asks it, instead of the backend,
 * whether the backend is ready, for as long as the process lives that was there before.
 */
export const NOT_READY: Fault = {
  name: '503',
  what: "have lifeguard's readiness check answered 503 by a server of the drill's own, until it is restarted",
  cause: '503',
  showsInChecks: true,
  async prepare({ pids, host }): Promise<Attempt> {
    const server = createServer((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/json', connection: 'close' });
      response.end('{"status":"drill"}\n');
    }).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const before = identified(pids.slice(0, 1), await host.rowsOf(pids));
    return {
      undoing: { struck: [], readiness: `http://127.0.0.1:${port}/ready` },
      doomed: new Set(before.map(({ pid }) => pid)),
      bring: async () => 'lifeguard is answered 503 when it asks whether the backend is ready',
      endsWithRestart: true,
      isOver: async () => (await aliveOf(host, before)).length === 0,
      async end() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
};
