import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromSnapshot, toSnapshot } from '../../../src/policy/snapshot.ts';
import { createFleet, decideFleet, type Fleet, stateOf, withState } from '../../../src/policy/together/fleet.ts';
import { recallFleet, rememberFleet } from '../../../src/policy/together/memory.ts';
import { DEFAULTS } from '../../support/policies.ts';
import { type BackendModel, type Met, World } from '../../support/world.ts';

const FROM = 20_000;
const DOWN: Met = { status: 503 };

/** So many backends, each of its own phase: the first process of each takes a little longer to boot than the one before. */
function fleetOf(count: number, model: (i: number) => BackendModel): World {
  const models = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`b${i}`, { bootMs: 300 + ((i * 397) % 1_000), ...model(i) }]),
  );
  return new World(models, () => DEFAULTS);
}

const sick = (met: Met): BackendModel => ({ answer: ({ now }) => (now >= FROM ? met : 'ok') });
const sickUntilRestarted = (met: Met): BackendModel => ({
  answer: ({ now, startedAt }) => (now >= FROM && startedAt < FROM ? met : 'ok'),
});
const well: BackendModel = {};

test('ten go bad for a cause that a restart does not cure: one is restarted, nine are held, one line says so', () => {
  for (const met of [DOWN, 'hang', 'refused'] as const) {
    const world = fleetOf(10, () => sick(met)).runTo(FROM + 25_000);
    assert.equal(world.driven().length, 1, String(met));
    assert.equal(world.journal('warn').length, 1);
    assert.equal(world.journal('hold').filter(({ reason }) => reason.code === 'shared-cause').length, 9);
  }
});

/** What the next lifeguard takes up, as it comes from the disk. */
function successorOf(fleet: Fleet, now: number): Fleet {
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const members = fleet.names.map((name) => ({ name, policy: DEFAULTS }));
  const restored = fleet.names.reduce(
    (next, name) => {
      const before = stateOf(fleet, name);
      const { state } = before ? fromSnapshot(copy(toSnapshot(before, now, now)), DEFAULTS, now, now) : { state: null };
      return state ? withState(next, name, state) : next;
    },
    createFleet(members, now),
  );
  return recallFleet(restored, copy(rememberFleet(fleet, now, now)), now, now);
}

test('lifeguard is restarted while nine are held for the first one: its successor goes on to hold them', () => {
  const world = fleetOf(10, () => sick(DOWN)).runTo(FROM + 12_000);
  assert.equal(world.driven().length, 1);
  world.fleet = successorOf(world.fleet, world.now);
  world.runTo(FROM + 55_000);
  assert.equal(world.driven().length, 1);
});

test('the same for five minutes: still one restart of a 503, and none of it twice', () => {
  const world = fleetOf(10, () => sick(DOWN)).runTo(FROM + 290_000);
  assert.equal(world.driven().length, 1);
});

test('and after that another one is tried every backoff.max', () => {
  const world = fleetOf(10, () => sick(DOWN)).runTo(FROM + 1_000_000);
  const tried = world.driven().map(({ backend }) => backend);
  assert.ok(tried.length >= 3 && tried.length <= 4, `${tried.length} restarts in 1,000 s`);
  assert.equal(new Set(tried).size, tried.length, 'each time another one');
  assert.equal(world.journal('warn').length, 1);
});

test('the cause goes away while the first one starts: the others are not restarted for nothing', () => {
  const world = fleetOf(10, () => ({ answer: ({ now }) => (now >= FROM && now < FROM + 10_000 ? DOWN : 'ok') })).runTo(
    FROM + 60_000,
  );
  assert.equal(world.driven().length, 1);
  assert.ok(world.fleet.states.flat().every(({ name }) => name === 'healthy'));
});

test('ten go bad for a cause that a restart cures: all are healthy within 15 s', () => {
  const world = fleetOf(10, () => sickUntilRestarted(DOWN)).runTo(FROM + 15_000);
  assert.equal(world.driven().length, 10);
  assert.ok(world.fleet.states.flat().every(({ name }) => name === 'healthy'));
  const [first, second] = world.driven();
  assert.ok((second?.at ?? 0) > (first?.at ?? 0) + 300, 'the others wait until the first one is well');
});

test('ten hang at once for a cause that a restart cures: the first one is waited for, all are healthy soon', () => {
  const world = fleetOf(10, () => sickUntilRestarted('hang')).runTo(FROM + 15_000);
  assert.equal(world.driven().length, 10);
  assert.ok(world.fleet.states.flat().every(({ name }) => name === 'healthy'));
});

test('the cause goes away by itself: nobody else is restarted', () => {
  const world = fleetOf(10, () => ({ answer: ({ now }) => (now >= FROM && now < FROM + 40_000 ? DOWN : 'ok') })).runTo(
    FROM + 120_000,
  );
  assert.equal(world.driven().length, 1);
  assert.ok(world.fleet.states.flat().every(({ name }) => name === 'healthy'));
  assert.equal(world.fleet.shared, null);
  assert.deepEqual(world.fleet.bad, []);
});

test('a hold is over with its cause: the next failure of one alone is no shared one', () => {
  const again = FROM + 1_000_000;
  const world = fleetOf(4, (i) => ({
    answer: ({ now, startedAt }) =>
      (now >= FROM && now < FROM + 10_000) || (i === 2 && now >= again && startedAt < again) ? DOWN : 'ok',
  })).runTo(again);
  const before = world.journal('hold').length;
  assert.ok(before > 0);
  world.runTo(again + 20_000);
  assert.equal(world.journal('hold').length, before);
  assert.equal(world.state('b2').name, 'healthy');
});

test('one that has ended and is not to be started again is never the one that is tried first: the others do not wait for it', () => {
  const policy = (name: string) => (name === 'b0' ? { ...DEFAULTS, restartOn: ['hang', '503'] as const } : DEFAULTS);
  const models = Object.fromEntries(
    [0, 1, 2, 3].map((i) => {
      const livesMs = ({ n }: { n: number }) => (i === 0 && n === 1 ? FROM + 10_000 : null);
      // The first one that is tried is not helped by it.
      const answer: BackendModel['answer'] = ({ now, startedAt }) =>
        now >= FROM && startedAt < FROM + (i === 1 ? 1e9 : 0) ? DOWN : 'ok';
      return [`b${i}`, { bootMs: 300 + i * 97, livesMs, answer }];
    }),
  );
  const world = new World(models, policy).runTo(FROM + 1_000_000);
  assert.equal(world.state('b0').name, 'unhealthy');
  for (const name of ['b2', 'b3']) assert.equal(world.state(name).name, 'healthy', name);
});

test('when those that are still bad are not many any more, each is on its own: a failure of long after is not held for it', () => {
  const again = FROM + 100_000;
  const world = fleetOf(4, (i) => ({
    answer: ({ now, startedAt }) => {
      if (i === 0 && now >= FROM) return DOWN;
      return (now >= FROM && now < FROM + 50_000) || (i === 2 && now >= again && startedAt < again) ? DOWN : 'ok';
    },
  })).runTo(again);
  world.runTo(again + 3_000);
  assert.equal(world.state('b2').name, 'healthy');
});

test('the first verdict of three that hang waits for the checks of the others that are out', () => {
  const world = new World(
    Object.fromEntries([0, 400, 800].map((bootMs, i) => [`b${i}`, { ...sick('hang'), bootMs }])),
    () => DEFAULTS,
  ).runTo(FROM + 25_000);
  assert.equal(world.journal('warn').length, 1);
  assert.equal(world.driven().length, 1);
});

for (const [met, withinMs] of [
  [DOWN, 1_600],
  ['hang', 6_700],
] as const) {
  test(`one of ten goes bad (${JSON.stringify(met)}): it is restarted as soon as if it were alone`, () => {
    for (let i = 0; i < 10; i++) {
      const world = fleetOf(10, (j) => (i === j ? sickUntilRestarted(met) : well)).runTo(FROM + 10_000);
      const [only, ...others] = world.driven();
      assert.equal(others.length, 0);
      assert.ok((only?.at ?? Number.POSITIVE_INFINITY) - FROM <= withinMs, `${(only?.at ?? 0) - FROM} ms`);
    }
  });
}

test('half of ten is not most of them; two of two is not many', () => {
  for (const [some, all] of [
    [5, 10],
    [2, 2],
    [2, 3],
  ] as const) {
    const world: World = fleetOf(all, (i) => (i < some ? sickUntilRestarted(DOWN) : well)).runTo(FROM + 10_000);
    assert.equal(world.journal('warn').length, 0, `${some} of ${all}`);
    assert.equal(world.driven().length, some);
  }
});

test('three of three, six of ten are', () => {
  for (const [some, all] of [
    [3, 3],
    [6, 10],
  ] as const) {
    const world: World = fleetOf(all, (i) => (i < some ? sick(DOWN) : well)).runTo(FROM + 25_000);
    assert.equal(world.journal('warn').length, 1, `${some} of ${all}`);
    assert.equal(world.driven().length, 1);
  }
});

test('crashes are not held: PM2 starts them at once, and the next starts are spaced', () => {
  const world = fleetOf(10, () => ({ livesMs: ({ n }) => (n <= 2 ? FROM / n : null), bootMs: 0 })).runTo(FROM * 2);
  assert.equal(world.journal('hold').filter(({ reason }) => reason.code === 'shared-cause').length, 0);
  assert.ok(world.fleet.states.flat().every(({ name }) => name === 'healthy'));
});

test('one after the other, more than 10 s apart, is not at once', () => {
  const world = fleetOf(3, (i) => ({
    answer: ({ now, startedAt }) => (now >= FROM + i * 15_000 && startedAt < FROM + i * 15_000 ? DOWN : 'ok'),
  })).runTo(FROM + 60_000);
  assert.equal(world.journal('warn').length, 0);
  assert.equal(world.driven().length, 3);
});

test('the same when those that went before are not well yet', () => {
  const world: World = fleetOf(3, (i) => ({ answer: ({ now }) => (now >= FROM + i * 15_000 ? DOWN : 'ok') })).runTo(
    FROM + 50_000,
  );
  assert.equal(world.journal('warn').length, 0);
  assert.equal(world.driven().length, 3);
});

test('a dependency that all of them need: nobody is restarted, nothing is alerted as shared', () => {
  const policy = { ...DEFAULTS, dependencies: [{ name: 'database', field: null }] };
  const model: BackendModel = { ...sick(DOWN), databaseUp: (now) => now < FROM };
  const world = new World(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, model])), () => policy).runTo(
    FROM + 60_000,
  );
  assert.deepEqual(world.driven(), []);
  assert.deepEqual(new Set(world.journal().map(({ reason }) => reason.code)), new Set(['dependency-down']));
});

test('a fleet that has shrunk does not wait for a word that nobody says', () => {
  const world = fleetOf(3, () => sick(DOWN)).runTo(FROM + 5_000);
  const held = world.fleet.names.find((name) => world.state(name).fleet?.word === 'hold') ?? '';
  const alone = withState(createFleet([{ name: held, policy: DEFAULTS }], world.now), held, world.state(held));
  assert.deepEqual(
    decideFleet(alone, held, { type: 'tick' }, world.now).actions.map(({ action }) => action.type),
    ['journal', 'operation'],
  );
});

test('when one turns suspect the others are looked at, no more often than once an interval', () => {
  let fleet = createFleet(
    ['a', 'b', 'c'].map((name) => ({ name, policy: DEFAULTS })),
    0,
  );
  const send = (name: string, event: Parameters<typeof decideFleet>[2], now: number) => {
    const decided = decideFleet(fleet, name, event, now);
    fleet = decided.fleet;
    return decided.checkNow;
  };
  const check = (name: string, status: number, now: number) =>
    send(
      name,
      {
        type: 'check',
        observation: {
          liveness: { kind: 'answer', status, latencyMs: 1, retryAfterMs: null, json: null, excerpt: '' },
          readiness: null,
          startedAt: now,
        },
      },
      now,
    );
  for (const name of ['a', 'b', 'c']) {
    const child = { pmId: 0, incarnation: name, phase: 'up', upAt: 0, eager: true } as const;
    send(name, { type: 'processes', children: [child], ended: [], byHand: [] }, 0);
    check(name, 200, 10);
  }
  assert.deepEqual(check('a', 503, 2_000), ['b', 'c']);
  assert.deepEqual(check('b', 503, 2_005), []);
  assert.equal(stateOf(fleet, 'b')?.name, 'suspect');
  assert.deepEqual(decideFleet(fleet, 'nobody', { type: 'tick' }, 3_000).actions, []);
});
