import { socketsOf } from '../home.ts';
import { openSocket, RpcConnection, readBus } from './connection.ts';
import { Pm2Error } from './pm2-error.ts';

/**
 * Asks an app's custom action and waits for its answer. Unlike `pm2 trigger` it ends when the app does not answer, and two askers do
 * not get each other's answers: the request carries an id, `@…` as the parameter's last word, that the answer repeats as `id`.
 * @returns the answer, an object
 * @throws Pm2Error `refused` no daemon; `failed` no such app or action, or it is not online; `timeout`; `lost`
 */
export async function trigger(
  pm2Home: string,
  app: string,
  action: string,
  param: string,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const sockets = socketsOf(pm2Home);
  const id = `@${process.pid}-${Math.random().toString(36).slice(2)}`;
  const bus = await openSocket(sockets.bus);
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Pm2Error('timeout', `${app} did not answer ${action} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const fail = (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      };
      readBus(
        bus,
        'axm:reply',
        (payload) => {
          const answer = answerIn(payload);
          if (answer?.id !== id) return;
          clearTimeout(timer);
          resolve(answer);
        },
        () => fail(new Pm2Error('lost', `PM2's daemon went away during ${action}`)),
      );
      send(sockets.rpc, { name: app, msg: action, opts: `${param} ${id}`.trim() }, timeoutMs).catch(fail);
    });
  } finally {
    bus.destroy();
  }
}

async function send(path: string, message: { name: string; msg: string; opts: string }, timeoutMs: number): Promise<void> {
  const rpc = new RpcConnection(await openSocket(path), () => undefined);
  try {
    const answer = await rpc.call('msgProcess', message, timeoutMs);
    if ((answer as { process_count?: unknown } | null)?.process_count === 0)
      throw new Pm2Error('failed', `${message.name} is not running, or has no action ${message.msg}`);
  } finally {
    rpc.close();
  }
}

function answerIn(payload: unknown): Record<string, unknown> | null {
  const data = (payload as { data?: { return?: unknown } } | null)?.data?.return;
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : null;
}
