import type { FastifyReply } from 'fastify';
import type { Scene } from './scene.ts';

/** A reader that does not read is let go before what waits for it fills the memory. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** A sign of life for proxies and for the page, which else says that it is stale. */
const SIGN_OF_LIFE_MS = 2_000;

/** Server-sent events: `view` once, then `change` for as long as somebody listens. */
export async function stream(reply: FastifyReply, scene: Scene, isOwner: boolean): Promise<void> {
  const { raw } = reply.hijack();
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  let leave = () => {};
  const send = (event: string, value: unknown): void => {
    if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy();
    else raw.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  const timer = setInterval(() => send('change', { at: Date.now() }), SIGN_OF_LIFE_MS);
  raw.on('close', () => {
    clearInterval(timer);
    leave();
  });
  try {
    const shown = await scene.show(isOwner, (change) => send('change', change));
    leave = shown.leave;
    if (raw.destroyed) return leave();
    raw.writeHead(200, { ...asHeaders(reply), ...headers });
    send('view', shown.view);
  } catch {
    raw.destroy();
  }
}

/** What the hooks have set, such as the content security policy, which a hijacked reply does not send by itself. */
function asHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
