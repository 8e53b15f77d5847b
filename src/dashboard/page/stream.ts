import type { FastifyReply } from 'fastify';
import type { Scene } from './scene.ts';
import { sse } from './sse.ts';

/** A reader that does not read is let go before what waits for it fills the memory. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** A sign of life for proxies and for the page, which else says that it is stale. */
const SIGN_OF_LIFE_MS = 2_000;

/** Server-sent events: `view` once, then `change` for as long as somebody listens. */
export async function stream(reply: FastifyReply, scene: Scene, isOwner: boolean): Promise<void> {
  const { raw } = reply.hijack();
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  let leave = () => {};
  let timer: NodeJS.Timeout | undefined;
  const send = (message: Buffer): void => {
    if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy();
    else raw.write(message);
  };
  raw.on('close', () => {
    clearInterval(timer);
    leave();
  });
  try {
    const shown = await scene.show(isOwner, send);
    leave = shown.leave;
    if (raw.destroyed) return leave();
    raw.writeHead(200, { ...asHeaders(reply), ...headers });
    send(sse('view', shown.view));
    timer = setInterval(() => send(sse('change', { at: Date.now() })), SIGN_OF_LIFE_MS);
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
