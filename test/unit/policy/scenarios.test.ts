import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../../src/policy/policy.ts';
import { DEFAULTS } from '../../support/policies.ts';
import { type BackendModel, type Met, World } from '../../support/world.ts';

const FASTEST: Policy = { ...DEFAULTS, timeoutMs: 1_000, failureThreshold: 2 };
const SECOND = 1_000;
const MINUTE = 60_000;

function play(model: BackendModel, until: number, { policy = DEFAULTS, seed = 1, slowStop = false } = {}): World {
  const world = new World({ backend: model }, () => policy, seed);
  world.slowStop = slowStop;
  return world.runTo(until);
}

/** Sick from a moment on, until a process that was started later. */
function sickUntilRestarted(met: Met, from: number): BackendModel {
  return { answer: ({ now, startedAt }) => (now >= from && startedAt < from ? met : 'ok') };
}

for (const livesMs of [20, 500, 3_000, 8_000]) {
  test(`healthy for 25 s, then dead ${livesMs} ms after every start: at most 10 starts in 10 minutes, exhausted at the tenth`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = play({ livesMs: ({ n }) => (n === 1 ? 25_000 : livesMs) }, 14 * MINUTE, { seed, slowStop: seed % 2 === 1 });
      const restarts = world.journal('restart').map(({ at }) => at);
      assert.equal(restarts.length, 10);
      assert.equal(world.state().name, 'exhausted');
      assert.equal(world.journal('give-up').length, 1);
      for (const at of restarts) assert.ok(restarts.filter((other) => other >= at && other < at + 10 * MINUTE).length <= 10);
    }
  });
}

test('after the cool-down one trial: well again, or stopped again', () => {
  const mended = play({ livesMs: ({ startedAt }) => (startedAt < 15 * MINUTE ? 100 : null) }, 40 * MINUTE);
  assert.equal(mended.state().name, 'healthy');
  assert.equal(mended.state().children[0]?.trialSince, null);
  const broken = play({ livesMs: () => 100 }, 60 * MINUTE);
  assert.equal(broken.state().name, 'exhausted');
  assert.deepEqual(
    broken.journal('give-up').map(({ reason }) => reason.code),
    ['limit-reached', 'trial-failed', 'trial-failed', 'trial-failed'],
  );
});

for (const [name, from] of [
  ['from its first second', 0],
  ['after an hour', 60 * MINUTE],
] as const) {
  test(`a cause that lasts 30 s, ${name}: healthy within 10 s of its end`, () => {
    for (let seed = 0; seed < 12; seed++) {
      const livesMs = [30, 200, 600][seed % 3] ?? 30;
      const model: BackendModel = {
        livesMs: ({ startedAt, n }) => (startedAt < from + 30 * SECOND ? (from > 0 && n === 1 ? from : livesMs) : null),
      };
      const world = play(model, from + 40 * SECOND, { seed });
      assert.equal(world.state().name, 'healthy', `seed ${seed}`);
      assert.ok(world.journal('restart').length <= 8);
    }
  });
}

for (const [name, met, policy, withinMs] of [
  ['a hang, at the defaults', 'hang', DEFAULTS, 6_700],
  ['a 503, at the defaults', { status: 503 }, DEFAULTS, 1_600],
  ['a dead worker behind a living parent', 'refused', DEFAULTS, 1_600],
  ['a hang, at the fastest setting', 'hang', FASTEST, 2_400],
  ['a 503, at the fastest setting', { status: 503 }, FASTEST, 1_350],
] as const) {
  test(`${name}: acted upon within ${withinMs} ms, whenever it comes`, () => {
    for (let phase = 0; phase < 1_000; phase += 37) {
      const from = 20_000 + phase;
      const world = play(sickUntilRestarted(met, from), 40_000, { policy });
      const driven = world.driven();
      assert.equal(driven.length, 1);
      assert.ok((driven[0]?.at ?? 0) - from <= withinMs, `${(driven[0]?.at ?? 0) - from} ms`);
      assert.equal(world.state().name, 'healthy');
    }
  });
}

function everyTenth(met: Met): BackendModel {
  let checks = 0;
  return {
    answer: () => {
      checks += 1;
      return checks % 10 === 0 ? met : 'ok';
    },
  };
}

const UNHURT: readonly (readonly [string, BackendModel, number])[] = [
  ['answers in 900 ms', { answer: () => ({ status: 200, afterMs: 900 }) }, 10 * MINUTE],
  ['answers in 4.9 s', { answer: () => ({ status: 200, afterMs: 4_900 }) }, 10 * MINUTE],
  [
    'blocks for 4 s now and then',
    { answer: ({ now }) => (now % 60_000 < 4_000 ? { status: 200, afterMs: 4_000 - (now % 60_000) } : 'ok') },
    10 * MINUTE,
  ],
  ['fails one check in ten', everyTenth({ status: 500 }), 10 * MINUTE],
  ['hangs in one check in ten', everyTenth('hang'), 10 * MINUTE],
  ['takes 8 s to boot', { bootMs: 8_000 }, MINUTE],
  ['takes 55 s to boot', { bootMs: 55_000 }, 2 * MINUTE],
  [
    'asks for 8 s of patience',
    { answer: ({ now }) => (now > 20_000 && now < 28_000 ? { status: 503, retryAfterMs: 8_000 } : 'ok') },
    MINUTE,
  ],
  [
    'is a uvicorn at its concurrency limit',
    { answer: ({ now }) => (now > 20_000 && now < 70_000 && now % 3_000 > 400 ? BUSY : 'ok') },
    3 * MINUTE,
  ],
];
const BUSY = { status: 503, excerpt: 'Exceeded concurrency limit.' };

for (const [name, model, until] of UNHURT) {
  test(`not restarted: a backend that ${name}`, () => {
    const world = play(model, until);
    assert.deepEqual(world.driven(), []);
    assert.ok(world.journal('hold').length <= 1);
    assert.equal(world.state().name, 'healthy');
  });
}

test('not restarted, and not called healthy: a backend that answers 404', () => {
  const world = play({ answer: () => ({ status: 404 }) }, 10 * MINUTE);
  assert.deepEqual(world.driven(), []);
  assert.equal(world.state().name, 'misconfigured');
});

test('a slow backend is not asked more often for it', () => {
  let checks = 0;
  const answer = () => {
    checks += 1;
    return { status: 200, afterMs: 900 };
  };
  play({ answer }, 100 * SECOND);
  assert.ok(checks <= 115, `${checks} checks in 100 s`);
});

test('503 three times in turn, then a crash, then a 503: each is healed', () => {
  const faults = [20_000, 60_000, 100_000, 180_000];
  const crashAt = 140_000;
  const model: BackendModel = {
    answer: ({ now, startedAt }) => (faults.some((at) => startedAt < at && now >= at) ? { status: 503 } : 'ok'),
    livesMs: ({ startedAt }) => (startedAt < crashAt && startedAt >= 100_000 ? crashAt - startedAt : null),
  };
  const world = play(model, 4 * MINUTE);
  assert.deepEqual(
    world.journal('restart').map(({ cause }) => cause),
    ['503', '503', '503', 'crash', '503'],
  );
  assert.equal(world.state().name, 'healthy');
});

test('twelve hangs in a row with time between: each is healed', () => {
  const every = 90 * SECOND;
  const world = play(
    { answer: ({ now, startedAt }) => (Math.floor(now / every) > Math.floor(startedAt / every) ? 'hang' : 'ok') },
    12.5 * every,
  );
  assert.equal(world.journal('restart').length, 12);
  assert.equal(world.journal('recover').length, 12);
  assert.equal(world.state().name, 'healthy');
});

test('its dependency is away for 60 s: no restart, healthy within 3 s of its return', () => {
  const away = (now: number) => now >= 20_000 && now < 80_000;
  const world = play(
    { answer: ({ now }) => (away(now) ? { status: 503 } : 'ok'), databaseUp: (now) => !away(now) },
    83 * SECOND,
    {
      policy: { ...DEFAULTS, dependencies: [{ name: 'database', field: null }] },
    },
  );
  assert.deepEqual(world.driven(), []);
  assert.equal(world.state().name, 'healthy');
  assert.deepEqual(
    world.journal().map(({ what }) => what),
    ['hold', 'recover'],
  );
});

test('the same without a check of it: one restart at most', () => {
  const world = play({ answer: ({ now }) => (now >= 20_000 && now < 80_000 ? { status: 503 } : 'ok') }, 90 * SECOND);
  assert.equal(world.driven().length, 1);
  assert.equal(world.state().name, 'healthy');
});

test('its pool stays broken after the return: one restart, healthy', () => {
  const model: BackendModel = {
    answer: ({ now, startedAt }) => (now >= 20_000 && startedAt < 80_000 ? { status: 503 } : 'ok'),
    databaseUp: (now) => now < 20_000 || now >= 80_000,
  };
  const world = play(model, 100 * SECOND, { policy: { ...DEFAULTS, dependencies: [{ name: 'database', field: null }] } });
  assert.deepEqual(
    world.journal('restart').map(({ reason }) => reason.code),
    ['stale-after-dependency'],
  );
  assert.equal(world.state().name, 'healthy');
});

test('a 503 that no restart cures: one restart, then degraded', () => {
  const world = play({ answer: ({ now }) => (now >= 20_000 ? { status: 503 } : 'ok') }, 4 * MINUTE);
  assert.equal(world.driven().length, 1);
  assert.equal(world.state().name, 'degraded');
});

test('a stranger holds its port for 60 s: healthy within 2 s of its release, nothing counted', () => {
  const portHolder = (now: number) => (now < 60 * SECOND ? ({ kind: 'stranger', pid: 7, command: 'nc' } as const) : null);
  const world = play({ portHolder }, 62 * SECOND);
  assert.equal(world.state().name, 'healthy');
  assert.equal(world.state().budget.restarts.length, 0);
  assert.deepEqual(
    world.journal().map(({ what }) => what),
    ['blocked', 'restart', 'recover'],
  );
});

test('by hand, at any moment of a crash loop: what an operator stopped stays stopped, what he starts is watched', () => {
  for (let at = 20; at < 12_000; at += 183) {
    const world = play({ livesMs: () => 300 }, at);
    world.operator('stop');
    // A start that was on its way can't be called back; it is stopped again.
    const starts = world.starts.length + (world.state().operation?.kind === 'start' ? 1 : 0);
    world.runTo(at + 2 * MINUTE);
    assert.equal(world.state().name, 'stopped', `stopped at ${at}`);
    assert.ok(world.starts.length <= starts, `started again after a stop at ${at}`);
    world.operator('start');
    world.runTo(at + 2 * MINUTE + 200);
    assert.equal(world.state().name, 'healthy');
  }
});
