import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { replay } from '../../src/policy/replay.ts';
import { until } from '../support/poll.ts';
import { Product, signal, strike, type Victim } from '../support/product.ts';

suite('an operator has the last word; what lifeguard shows and records', () => {
  const product = new Product();
  let victim: Victim;
  const recording = () => join(product.sandbox.pm2Home, 'lifeguard/lifeguard/recording.jsonl');

  before(async () => {
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(() => product.dispose());

  test('what pm2 stop stopped stays so, and pm2 start brings it back under watch', async () => {
    await product.sandbox.pm2('stop', 'victim');
    await product.untilState('victim', 'stopped');
    await sleep(1_500);
    assert.equal(await product.pidOf(victim), null);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilState('victim', 'healthy');
    assert.equal((await product.status('victim')).policy.restarts, 0);
  });

  test('pm2 restart is not counted', async () => {
    const pid = await product.pidOf(victim);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilReplaced(victim, pid);
    const status = await product.untilState('victim', 'healthy');
    assert.equal(status.policy.restarts, 0);
  });

  test('a graceful restart that takes its time is no failure: nothing is told, nothing is done', async () => {
    const before = product.decisions('victim').length;
    victim.tell({ drain: 2_000 });
    const pid = await product.pidOf(victim);
    await product.sandbox.pm2('restart', 'victim');
    await product.untilReplaced(victim, pid);
    victim.tell({});
    await product.untilState('victim', 'healthy');
    assert.deepEqual(product.decisions('victim').slice(before), []);
  });

  test('while paused a sick backend is left alone, and healed at resume', async () => {
    const pid = await product.pidOf(victim);
    assert.equal((await product.ask('pause', '1m')).ok, true);
    await strike(victim.port, '/sick');
    await sleep(1_500);
    assert.equal(await product.pidOf(victim), pid);
    assert.equal((await product.status('victim')).policy.state, 'paused');
    await product.ask('resume');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');
  });

  test('the action restart restarts it, uncounted; a wrong parameter is answered, not swallowed', async () => {
    const { restarts } = (await product.status('victim')).policy;
    const pid = await product.pidOf(victim);
    await product.ask('restart');
    await product.untilReplaced(victim, pid);
    await product.untilState('victim', 'healthy');
    assert.equal((await product.status('victim')).policy.restarts, restarts);
    const answer = await product.ask('pause', 'victim soon');
    assert.equal(answer.ok, false);
    assert.match(String(answer.error), /'soon' is not a duration/);
  });

  test('its metrics are in PM2, by backend', async () => {
    const shown = await until('metrics in PM2, which sends them once a second', async () => {
      const lifeguard = (await product.sandbox.list()).find(({ name }) => name === 'lifeguard');
      const metrics = lifeguard?.pm2_env.axm_monitor as Record<string, { value: unknown }> | undefined;
      const told = metrics?.['victim latency p99'] && metrics['victim latency p99'].value !== 'UNKNOWN';
      return told && metrics['victim state']?.value === 'healthy' ? metrics : null;
    });
    assert.equal(String(shown['victim status code']?.value), '200');
    assert.equal(String(shown['victim consecutive failures']?.value), '0');
    assert.equal(shown['victim restarts in window']?.value, '1 of 10');
    const { stdout } = await product.sandbox.pm2('describe', 'lifeguard');
    for (const line of [
      /victim latency p99 +│ [\d.]+ ms /,
      /victim availability 1h +│ [\d.]+ % /,
      /victim last restart +│ \d+ s ago /,
    ])
      assert.match(stdout, line);
    assert.doesNotMatch(stdout, /Heap|Event Loop/, "none of PM2's own");
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

  test('deleted while watched: stopped, and nothing starts it', async () => {
    await product.sandbox.pm2('restart', 'lifeguard');
    await product.untilState('victim', 'healthy');
    await product.sandbox.pm2('delete', 'victim');
    await product.untilState('victim', 'stopped');
    await sleep(1_000);
    assert.deepEqual(
      (await product.sandbox.list()).map(({ name }) => name),
      ['lifeguard'],
    );
  });
});
