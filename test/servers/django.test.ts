// Django as in production: DEBUG off, so that it answers 400 to any host but its own.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Product } from '../support/product.ts';
import { realServer } from '../support/real-server.ts';

suite('Django behind gunicorn, DEBUG off', () => {
  const product = new Product();

  before(async () => {
    await realServer(product, 'named', 'django');
    await realServer(product, 'unnamed', 'django', { health: { headers: {} } });
    await product.start();
  });
  after(() => product.dispose());

  test('is healthy with its host in headers, its settings untouched', async () => {
    const { lastCheck } = await product.untilState('named', 'healthy', 30_000);
    assert.equal(lastCheck?.liveness, '200');
  });

  test('without, it is misconfigured: told, exit status 1, never restarted', async () => {
    const { policy, lastCheck } = await product.untilState('unnamed', 'misconfigured', 30_000);
    assert.equal(lastCheck?.liveness, '400');
    assert.equal(policy.restarts, 0);
    const config = `${product.sandbox.dir}/ecosystem.config.ts`;
    const { code, stdout } = await product.sandbox.lifeguard('status', '--config', config);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /unnamed +misconfigured/);
  });
});
