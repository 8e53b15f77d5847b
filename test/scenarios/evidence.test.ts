import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { readEvidence } from '../../src/incidents/evidence/read.ts';
import { until } from '../support/poll.ts';
import { Product, signal, strike, type Victim } from '../support/product.ts';

suite('evidence is taken before a process is touched', () => {
  const product = new Product({ VICTIM_TOKEN: 'a-secret-of-the-victim' });
  const { sandbox } = product;
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(() => product.dispose());

  /** The folders that the journal's lines of one kind name, whole. */
  const folders = (code: string) =>
    until(`evidence of ${code}`, () => {
      const named = product.incidents('victim').filter(({ reason, evidence }) => reason.code === code && evidence !== undefined);
      const found = [...new Set(named.map(({ evidence }) => evidence ?? ''))].map((each) =>
        readEvidence(join(sandbox.dir, 'logs', each)),
      );
      return found.length > 0 && found.every((each) => each?.evidence) ? found.flatMap((each) => each ?? []) : null;
    });

  test('of a hang: the process that hung, as it was, and what it answered', async () => {
    const pid = await product.pidOf(victim);
    void strike(victim.port, '/block');
    await product.untilReplaced(victim, pid);
    const [folder] = await folders('hung');
    const processes = folder?.evidence?.processes ?? [];
    assert.equal(processes[0]?.pid, pid, 'its own process, not its successor');
    assert.ok((processes[0]?.threads ?? 0) > 1 && (processes[0]?.rssBytes ?? 0) > 1e6);
    assert.deepEqual(
      folder?.evidence?.checks.slice(-3).map(({ liveness }) => liveness),
      ['timeout', 'timeout', 'timeout'],
    );
    assert.ok((folder?.evidence?.tookMs ?? 9_999) <= 600);
    assert.equal(statSync(folder?.folder ?? '').mode & 0o777, 0o700);
  });

  test('of a 503: the whole answer', async () => {
    await product.untilState('victim', 'healthy');
    const pid = await product.pidOf(victim);
    victim.tell({ headers: { 'x-pool': 'none left' } });
    await strike(victim.port, '/sick');
    await product.untilReplaced(victim, pid);
    const [folder] = await folders('not-ready');
    assert.match(
      readFileSync(join(folder?.folder ?? '', 'answers.txt'), 'utf8'),
      /^# readiness, .*\nHTTP 503\n[\s\S]*x-pool: none left[\s\S]*"pid":/,
    );
    assert.equal(folder?.evidence?.processes[0]?.pid, pid);
  });

  test('of each crash its own, with how it ended; and the restart does not wait for it', async () => {
    await product.untilState('victim', 'healthy');
    for (let i = 0; i < 2; i++) {
      const pid = await until('it to answer', () => product.pidOf(victim));
      signal(pid, 'SIGKILL');
      await product.untilReplaced(victim, pid);
    }
    const crashes = await until('both', async () => {
      const found = await folders('crashed');
      return found.length >= 2 && found;
    });
    assert.deepEqual(new Set(crashes.map(({ evidence }) => evidence?.exit?.signal)), new Set(['SIGKILL']));
  });

  test('lifeguard incidents show tells it in short', async () => {
    const incident = product.incidents('victim').find(({ reason }) => reason.code === 'hung')?.incident;
    const { stdout } = await sandbox.lifeguard('incidents', 'show', `victim-${incident}`);
    assert.match(stdout, /^Evidence hung\n {2}checks: .*timeout\/timeout\n/m);
    assert.match(stdout, /^ {2}pid +state +cpu +memory +threads +files +sockets +command\n {2}\d+ +[RSD] /m);
    assert.match(stdout, /^ {2}in .*logs\/evidence\/victim-\d+-.*-hung\n/m);
    assert.doesNotMatch(stdout, /a-secret/);
  });
});
