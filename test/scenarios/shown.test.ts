import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { replay } from '../../src/policy/replay.ts';
import { until } from '../support/poll.ts';
import { Product, signal, type Victim } from '../support/product.ts';

suite('what lifeguard shows and records', () => {
  const product = new Product();
  let victim: Victim;
  const recording = () => join(product.sandbox.pm2Home, 'lifeguard/lifeguard/recording.jsonl');

  before(async () => {
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(() => product.dispose());

  test('its metrics are in PM2, by backend', async () => {
    const shown = await until('metrics in PM2', async () => {
      const lifeguard = (await product.sandbox.list()).find(({ name }) => name === 'lifeguard');
      const metrics = lifeguard?.pm2_env.axm_monitor as Record<string, { value: unknown }> | undefined;
      return metrics?.['victim latency p99 ms'] && metrics['victim latency p99 ms'].value !== 'UNKNOWN' ? metrics : null;
    });
    assert.equal(shown['victim state']?.value, 'healthy');
    assert.equal(String(shown['victim status code']?.value), '200');
    assert.equal(String(shown['victim consecutive failures']?.value), '0');
    assert.equal(shown['victim restarts in window']?.value, '0/10');
    assert.equal(shown['victim availability 1h']?.value, '100.00%');
  });

  test('pm2 trigger prints the answer of an action', async () => {
    const { stdout } = await product.sandbox.pm2('trigger', 'lifeguard', 'status', 'victim');
    assert.match(stdout, /"ok":true.*"name":"victim".*"state":"healthy"/);
    const { stdout: wrong } = await product.sandbox.pm2('trigger', 'lifeguard', 'status', 'nobody');
    assert.match(wrong, /"ok":false,"error":"no backend is called nobody; there are: victim"/);
  });

  test('a recording of what it decided replays, event for event', async () => {
    writeFileSync(recording(), '');
    await product.sandbox.pm2('restart', 'lifeguard');
    await product.untilState('victim', 'healthy');
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGKILL');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');
    await product.sandbox.pm2('stop', 'lifeguard');
    const text = readFileSync(recording(), 'utf8');
    assert.match(text, /"type":"explained"/);
    assert.equal(replay(text), null);
  });
});
