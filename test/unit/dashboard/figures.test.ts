import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCounting } from '../../../src/dashboard/figures/counting.ts';
import type { Figures } from '../../../src/dashboard/figures/figures.ts';
import { outcomeOf } from '../../../src/dashboard/figures/outcome.ts';
import { metricsText } from '../../../src/dashboard/page/metrics.ts';
import type { IncidentRecord } from '../../../src/incidents/journal.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { ROOT } from '../../support/sandbox.ts';
import { answer, DOWN, REFUSED, TIMEOUT, VOID } from '../../support/story.ts';

const UNEXPECTED = answer(200, { expected: { met: false, detail: '' } });

const OUTCOMES: readonly (readonly [Answer, Answer | null, string])[] = [
  [answer(200), null, 'success ok'],
  [answer(200), answer(204), 'success ok'],
  [answer(200), DOWN, 'failure 503'],
  [TIMEOUT, DOWN, 'failure timeout'],
  [REFUSED, null, 'failure refused'],
  [answer(500), null, 'failure 5xx'],
  [answer(404), null, 'failure 4xx'],
  [answer(429), null, 'failure 429'],
  [answer(404, { expected: { met: true } }), null, 'success ok'],
  [UNEXPECTED, null, 'failure unexpected'],
  [{ kind: 'sick', latencyMs: 1, detail: '', evidence: '' }, null, 'failure sick'],
  [answer(200), VOID, 'void late-event-loop'],
  [VOID, REFUSED, 'void late-event-loop'],
];

test('a check is as good as the worse of its two answers, in words of which there are few', () => {
  for (const [liveness, readiness, expected] of OUTCOMES) {
    const { result, reason } = outcomeOf({ liveness, readiness });
    assert.equal(`${result} ${reason}`, expected);
  }
});

test('checks, restarts and recoveries are counted by backend; a void check is none', () => {
  const counting = startCounting(['api', 'other']);
  counting.onCheck('api', { liveness: answer(200, { latencyMs: 30 }), readiness: null }, 1_000);
  counting.onCheck('api', { liveness: answer(200, { latencyMs: 30 }), readiness: DOWN }, 2_000);
  counting.onCheck('api', { liveness: VOID, readiness: null }, 3_000);
  counting.onRecord(record('restart', 'crash', 200));
  counting.onRecord(record('recover', null, 1_500));
  const { checks, durations, lastCheckAt, restarts, recoveries } = counting.backend('api');
  assert.deepEqual(
    checks.map(({ result, reason, count }) => `${result} ${reason} ${count}`),
    ['success ok 1', 'failure 503 1', 'void late-event-loop 1'],
  );
  assert.deepEqual(durations.upTo.slice(0, 5), [0, 0, 0, 2, 2]);
  assert.equal(lastCheckAt, 2_000);
  assert.equal(restarts.crash, 1);
  assert.equal(recoveries.sum, 1.5);
  assert.equal(counting.backend('other').lastCheckAt, null);
});

test('what happens once is seen by rate(): restarts of every cause are there from the beginning, at 0', async () => {
  const { text } = await metricsText(figures());
  for (const cause of ['crash', 'hang', 'unreachable', '503', 'memory', 'cpu', 'operator'])
    assert.ok(text.includes(`lifeguard_restarts_total{backend="api",cause="${cause}"} 0`), cause);
  assert.ok(text.includes('lifeguard_check_duration_seconds_bucket{backend="api",le="0.05"} 1'));
  assert.ok(text.includes('lifeguard_check_duration_seconds_bucket{backend="api",le="+Inf"} 1'));
  assert.ok(text.includes('lifeguard_check_duration_seconds_sum{backend="api"} 0.03'));
});

test('a name that Prometheus would stumble over is escaped, and what is not known has no series', async () => {
  const { text } = await metricsText(figures('a"b'));
  assert.ok(text.includes('lifeguard_backend_state{backend="a\\"b",state="healthy"} 1'));
  assert.doesNotMatch(text, /lifeguard_dependency_up\{/);
  assert.doesNotMatch(text, /NaN|undefined|null/);
});

test('the rules and the board name no metric that there is not', async () => {
  const { text } = await metricsText(figures());
  const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  for (const file of ['lifeguard.rules.yml', 'grafana-board.json']) {
    const named = [...readFileSync(join(ROOT, 'examples/prometheus', file), 'utf8').matchAll(/\blifeguard_\w+/g)];
    assert.ok(named.length > 8);
    for (const [name] of named) assert.ok(known.has(name.replace(/_(bucket|sum|count)$/, '')), `${file}: ${name}`);
  }
});

function figures(name = 'api'): Figures {
  const counting = startCounting([name]);
  counting.onCheck(name, { liveness: answer(200, { latencyMs: 30 }), readiness: null }, 1_000);
  const dependencies = [{ name: 'database', up: null }];
  return {
    lifeguard: { version: '0.1.0', node: '20', startedAt: 1, rssBytes: 1, cpuSeconds: 1, loopDelaySeconds: 0 },
    backends: [{ ...counting.backend(name), name, state: 'healthy', startedAt: null, restartsLeft: 10, dependencies }],
    channels: [{ name: 'slack', waiting: 0, sent: 0, failed: 0, givenUp: 0 }],
    rotation: counting.rotation(),
  };
}

function record(what: IncidentRecord['what'], cause: IncidentRecord['cause'], sinceFailureMs: number): IncidentRecord {
  const reason = { code: 'crashed', text: '' } as const;
  const time = '2026-11-27T12:00:00.000Z';
  return {
    time,
    backend: 'api',
    what,
    incident: 1,
    from: 'healthy',
    to: 'restarting',
    cause,
    reason,
    restarts: 1,
    sinceFailureMs,
  };
}
