// gunicorn takes SIGINT, which PM2 sends, as: end at once. Its own quiet end is SIGTERM, to its parent.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Product } from '../support/product.ts';
import { type RealServer, realServer } from '../support/real-server.ts';

suite('a request in flight is finished', () => {
  const product = new Product();
  let server: RealServer;
  const file = `${product.sandbox.dir}/ecosystem.config.ts`;

  before(async () => {
    server = await realServer(product, 'shop', 'gunicorn');
    await realServer(product, 'rude', 'gunicorn', { restart: { kill_timeout: '1s' } }).then((rude) => {
      rudePort = rude.port;
    });
    await product.start();
    for (const name of ['shop', 'rude']) await product.untilState(name, 'healthy', 30_000);
  });
  let rudePort = 0;
  after(() => product.dispose());

  /** Ends it while a slow request is in flight; what came of that. */
  async function meanwhile(port: number, seconds: number, end: () => Promise<unknown>): Promise<string> {
    const answer = slow(port, seconds);
    await sleep(300);
    await end();
    return answer;
  }

  test('through lifeguard restart: answered by the old one, and no crash to anybody', async () => {
    const { parent } = await server.family();
    const restart = () => product.sandbox.lifeguard('restart', 'shop', '--config', file);
    assert.match(await meanwhile(server.port, 3, restart), /^200/);
    const next = await server.family();
    assert.notEqual(next.parent, parent);
    const { policy } = await product.untilState('shop', 'healthy');
    assert.equal(policy.restarts, 0);
    assert.deepEqual(product.decisions('shop'), []);
  });

  test("through lifeguard's own restart", async () => {
    const { parent } = await server.family();
    assert.match(await meanwhile(server.port, 3, () => product.ask('restart', 'shop')), /^200/);
    const next = await server.family();
    assert.notEqual(next.parent, parent);
    const { policy } = await product.untilState('shop', 'healthy');
    assert.equal(policy.restarts, 0);
    assert.deepEqual(product.decisions('shop'), ['restart operator']);
  });

  test('kill_timeout is over: killed, and that is said', async () => {
    const stop = () => product.sandbox.lifeguard('stop', 'rude', '--config', file);
    let said = '';
    const came = await meanwhile(rudePort, 10, async () => {
      const { stdout, stderr } = await stop();
      said = stdout + stderr;
    });
    assert.match(came, /ECONNRESET|socket hang up/);
    assert.match(said, /rude: did not end within 1s \(kill_timeout\): it was killed, and what it had in hand is cut/);
  });

  test('through lifeguard stop; it stays stopped, and lifeguard says so', async () => {
    const stop = () => product.sandbox.lifeguard('stop', 'shop', '--config', file);
    let said = '';
    const came = await meanwhile(server.port, 4, async () => {
      const { stdout, stderr } = await stop();
      said = stdout + stderr;
    });
    assert.match(came, /^200/);
    assert.match(said, /shop: was sent SIGTERM and finishes what it has in hand/);
    await product.untilState('shop', 'stopped');
    assert.deepEqual(server.everybody(), []);
    await sleep(1_500);
    assert.deepEqual(server.everybody(), []);
  });

  test('started again it is healthy', async () => {
    const { code, stdout, stderr } = await product.sandbox.lifeguard('start', '--config', file);
    assert.equal(code, 0, stdout + stderr);
    await product.untilState('shop', 'healthy');
  });
});

function slow(port: number, seconds: number): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: `/slow?${seconds}`, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(`${response.statusCode}`));
      response.on('error', ({ message }) => resolve(message));
    });
    sent.on('error', ({ message }) => resolve(message));
    sent.end();
  });
}
