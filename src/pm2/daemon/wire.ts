import type { Socket } from 'node:net';
import { openSocket, RpcConnection, readBus } from './connection.ts';

/** What goes between a daemon and one client of it: calls of its methods, and its bus. */
export interface Pm2Wire {
  /** @throws Pm2Error, within `timeoutMs` */
  call(method: string, argument: unknown, timeoutMs: number): Promise<unknown>;
  /** Calls back with the payload of every `process:event` of the bus. To be asked once. @throws Pm2Error */
  readBus(onPayload: (payload: unknown) => void): Promise<void>;
  /** Calls back when the daemon is gone: once for each of the two sockets. */
  onLost(run: () => void): void;
  close(): void;
}

/** The wire over the daemon's two sockets. The bus, which carries every log line, is opened when it is asked for. */
export function socketWire(rpcSocket: Socket, busPath: string): Pm2Wire {
  let lose = (): void => {};
  let bus: Promise<Socket> | null = null;
  const rpc = new RpcConnection(rpcSocket, () => lose());
  return {
    call: (method, argument, timeoutMs) => rpc.call(method, argument, timeoutMs),
    async readBus(onPayload) {
      bus = openSocket(busPath);
      readBus(await bus, 'process:event', onPayload, () => lose());
    },
    onLost(run) {
      lose = run;
    },
    close() {
      rpc.close();
      bus?.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
    },
  };
}
