import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, signal } from '../support/product.ts';
import { Receiver } from '../support/receiver.ts';

const MANY = 20;

suite('many fail in the same second', { timeout: 240_000 }, () => {
  const product = new Product();
  const channels = [new Receiver(), new Receiver()];
  const broken = join(product.sandbox.dir, 'broken');
  const names = Array.from({ length: MANY }, (_, i) => `api-${i}`);
  let health: Server;

  before(async () => {
    for (const [i, channel] of channels.entries()) {
      await channel.start();
      product.alerts.push({ type: 'webhook', name: `hook-${i}`, url: channel.url });
    }
    // One server answers for all of them: twenty of Node would be a test of the machine.
    health = createServer((request, response) => (existsSync(broken) ? request.socket.destroy() : response.end('ok')));
    health.listen(0, '127.0.0.1');
    await once(health, 'listening');
    const { port } = health.address() as { port: number };
    const program = join(product.sandbox.dir, 'backend.sh');
    writeFileSync(program, `#!/bin/sh\nif [ -e '${broken}' ]; then echo 'told to exit' >&2; exit 1; fi\nexec sleep 100000\n`);
    chmodSync(program, 0o755);
    for (const name of names)
      product.backend({
        name,
        run: { command: program },
        health: { liveness: `http://127.0.0.1:${port}/${name}`, readiness: null, interval: '1s' },
        restart: { max_restarts: 1000, backoff: { initial: '2s', factor: 1, max: '4s' } },
      });
    await product.start({ healthy: false });
    for (const name of names) await product.untilState(name, 'healthy', 60_000);
  });
  after(async () => {
    await product.dispose();
    health.close();
    for (const channel of channels) await channel.stop();
  });

  test('one message a channel, and one end', async () => {
    const pids: number[] = [];
    for (const name of names) pids.push(...(await product.status(name)).processes.map(({ pid }) => pid));
    writeFileSync(broken, '');
    for (const pid of pids) signal(pid, 'SIGKILL');
    await until('word in each channel', () => channels.every((channel) => channel.byKey().length > 0), { deadlineMs: 60_000 });
    rmSync(broken);
    for (const name of names) await product.untilState(name, 'healthy', 60_000);
    await until('the end in each channel', () => channels.every((channel) => channel.byKey().length > 1), { deadlineMs: 60_000 });
    for (const channel of channels)
      assert.deepEqual(
        channel.byKey().map(({ json }) => [json.event, json.count]),
        [
          ['opened', MANY],
          ['ended', MANY],
        ],
        channel.titles().join('\n'),
      );
  });
});
