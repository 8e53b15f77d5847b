import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../src/policy/judging/classify.ts';
import { namedDown } from '../../../src/policy/judging/dependency-field.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { DEFAULTS } from '../../support/policies.ts';
import { answer, BROKEN, DATABASE, DOWN, REFUSED, TIMEOUT, VOID } from '../../support/story.ts';

const OK = answer(200);

/** liveness, readiness, what it means. */
const MEANINGS: readonly (readonly [Answer, Answer | null, string])[] = [
  [OK, null, 'success'],
  [answer(302), null, 'misconfigured'],
  [OK, OK, 'success'],
  [answer(404), null, 'misconfigured'],
  [OK, answer(401), 'misconfigured'],
  // any 5xx of readiness is 'not ready'
  [OK, answer(500), 'not-ready'],
  [OK, answer(502), 'not-ready'],
  [answer(429), null, 'not-ready'],
  [OK, answer(429), 'not-ready'],
  // 503 is judged by readiness, or by liveness where readiness does not say it
  [DOWN, null, 'not-ready'],
  [OK, DOWN, 'not-ready'],
  [DOWN, OK, 'not-ready'],
  [DOWN, answer(404), 'not-ready'],
  [answer(404), DOWN, 'not-ready'],
  // readiness without an answer while liveness answers
  [OK, TIMEOUT, 'not-ready'],
  [OK, REFUSED, 'not-ready'],
  [OK, BROKEN, 'not-ready'],
  // everything else is judged by liveness
  [answer(500), null, 'error'],
  [answer(502), OK, 'error'],
  [answer(500), DOWN, 'error'],
  [REFUSED, null, 'unreachable'],
  [REFUSED, OK, 'unreachable'],
  [BROKEN, null, 'unreachable'],
  // what answers at all does not hang
  [TIMEOUT, null, 'timeout'],
  [TIMEOUT, TIMEOUT, 'timeout'],
  [TIMEOUT, VOID, 'timeout'],
  [TIMEOUT, OK, 'unreachable'],
  [TIMEOUT, DOWN, 'not-ready'],
  [TIMEOUT, REFUSED, 'unreachable'],
  // a fault of our own says nothing
  [VOID, null, 'void'],
  [VOID, DOWN, 'void'],
  [OK, VOID, 'void'],
  [REFUSED, VOID, 'unreachable'],
];

for (const [liveness, readiness, expected] of MEANINGS) {
  test(`liveness ${word(liveness)}, readiness ${readiness === null ? 'none' : word(readiness)}: ${expected}`, () => {
    const result = classify({ liveness, readiness, startedAt: 0 }, DEFAULTS);
    const seen = result.kind === 'failure' ? result.failure : result.kind;
    assert.equal(seen, expected);
  });
}

test("a 503 asks for patience by Retry-After or by uvicorn's own words; retry_after_max 0 believes neither", () => {
  const isOverload = (liveness: Answer, retryAfterMaxMs = 60_000) => {
    const result = classify({ liveness, readiness: null, startedAt: 0 }, { ...DEFAULTS, retryAfterMaxMs });
    return result.kind === 'failure' && result.patienceMs !== null;
  };
  assert.equal(isOverload(DOWN), false);
  assert.equal(isOverload(answer(503, { retryAfterMs: 8_000 })), true);
  assert.equal(isOverload(answer(503, { excerpt: 'Exceeded concurrency limit.' })), true);
  assert.equal(isOverload(answer(503, { excerpt: 'Service Unavailable', server: 'uvicorn' })), true, 'what uvicorn sends');
  assert.equal(isOverload(answer(503, { excerpt: 'Service Unavailable' })), false, 'what Express sends');
  assert.equal(
    isOverload(answer(503, { excerpt: '{"detail":"Service Unavailable"}', server: 'uvicorn' })),
    false,
    'an app of its own',
  );
  assert.equal(isOverload(answer(503, { retryAfterMs: 8_000 }), 0), false);
  assert.equal(isOverload(answer(500, { retryAfterMs: 8_000 })), false);
  assert.equal(isOverload(answer(429)), true);
});

test('the dependency that a 503 names is in the text', () => {
  const policy = { ...DEFAULTS, ...DATABASE };
  const liveness = answer(503, { json: { status: 'degraded', services: { database: 'unhealthy', api: 'healthy' } } });
  const result = classify({ liveness, readiness: null, startedAt: 0 }, policy);
  assert.equal(result.kind === 'failure' && result.text, 'answers 503, and names database as the cause');
});

const BODIES: readonly (readonly [unknown, boolean])[] = [
  [{ services: { database: 'healthy' } }, false],
  [{ services: { database: 'up' } }, false],
  [{ services: { database: true } }, false],
  [{ services: { database: { status: 'OK' } } }, false],
  [{ services: { database: 'unhealthy' } }, true],
  [{ services: { database: false } }, true],
  [{ services: { database: null } }, true],
  [{ services: { database: { status: 'down', error: 'refused' } } }, true],
  [{ services: { database: { error: 'refused' } } }, true],
  // application/health+json
  [{ status: 'fail', checks: { 'database:responseTime': [{ status: 'fail' }] } }, true],
  [{ status: 'warn', checks: { 'database:responseTime': [{ status: 'warn' }] } }, false],
  [{ status: 'pass', checks: { database: [{ status: 'pass' }, { status: 'pass' }] } }, false],
  [{ status: 'fail', checks: { 'database:a': [{ status: 'pass' }], 'database:b': [{ status: 'fail' }] } }, true],
  // it is not named
  [{ services: {} }, false],
  [{ status: 'fail', checks: { 'cache:hits': [{ status: 'fail' }] } }, false],
  ['<html>', false],
  [null, false],
];

for (const [body, expected] of BODIES) {
  test(`services.database is ${expected ? '' : 'not '}named as the trouble in ${JSON.stringify(body)}`, () => {
    assert.equal(namedDown(body, 'services.database'), expected);
  });
}

function word(a: Answer): string {
  return a.kind === 'answer' ? String(a.status) : a.kind;
}
