import { request } from 'node:http';

const EVERY_MS = 100;
const WAIT_MS = 5_000;

/** One request, on a connection of its own. @returns its status, or what went wrong */
export function ask(port: number, path: string, waitMs = WAIT_MS): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, headers: { Host: 'shop.example' } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', ({ message }) => resolve(message));
    });
    sent.setTimeout(waitMs, () => sent.destroy(new Error('no answer')));
    sent.on('error', ({ message }) => resolve(message));
    sent.end();
  });
}

/** A visitor ten times a second. */
export interface Visitor {
  /** Of those that came so far. */
  readonly asked: number;
  readonly failed: number;
  /** performance.now() of the last one that failed; null: none did. */
  readonly lastFailureAt: number | null;
  stop(): Promise<void>;
}

export function visit(port: number): Visitor {
  const visitor = { asked: 0, failed: 0, lastFailureAt: null as number | null, stop };
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = ask(port, '/').then((came) => {
      visitor.asked++;
      open.delete(one);
      if (came === 200) return;
      visitor.failed++;
      visitor.lastFailureAt = performance.now();
    });
    open.add(one);
  }, EVERY_MS);
  async function stop(): Promise<void> {
    clearInterval(timer);
    await Promise.all(open);
  }
  return visitor;
}
