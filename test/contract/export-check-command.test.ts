// The commands that ask for health from inside a container, run against a real server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { checkCommand } from '../../src/export/check-command.ts';

const DEADLINE_MS = 20_000;
const OF_ONE_THAT_HANGS_MS = 300;

describe('the commands of health checks', () => {
  /** `/STATUS` answers that, to the host that it is for; `/hang` nothing. */
  const server = createServer((request, response) => {
    const status = request.headers.host === 'shop.example' ? Number(request.url?.slice(1)) : 500;
    if (request.url !== '/hang') response.writeHead(status, { location: 'http://example.invalid/' }).end();
  });
  let port: number;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function status(runtime: 'node' | 'python', path: string, question: 'ready' | 'alive', at = port): Promise<number> {
    const [program = '', ...args] =
      checkCommand(
        runtime,
        { kind: 'http', scheme: 'http', port: at, path, headers: { Host: 'shop.example' }, expectsMore: false },
        path === '/hang' ? OF_ONE_THAT_HANGS_MS : DEADLINE_MS,
        question,
      ) ?? [];
    const child = spawn(program === 'node' ? process.execPath : program, args, { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  }

  for (const runtime of ['node', 'python'] as const) {
    it(`${runtime}: ready is what answers below 400`, async () => {
      const codes = await Promise.all(['/200', '/302', '/404', '/500', '/503'].map((path) => status(runtime, path, 'ready')));
      assert.deepEqual(codes, [0, 0, 1, 1, 1]);
    });

    it(`${runtime}: alive is what answers, and 503 is an answer`, async () => {
      const codes = await Promise.all(['/200', '/404', '/503', '/500'].map((path) => status(runtime, path, 'alive')));
      assert.deepEqual(codes, [0, 0, 0, 1]);
    });

    it(`${runtime}: who hangs or is not there is neither`, async () => {
      assert.equal(await status(runtime, '/hang', 'alive'), 1);
      assert.equal(await status(runtime, '/200', 'alive', 1), 1);
    });
  }
});
