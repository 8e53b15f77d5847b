import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Policy } from '../../../src/policy/policy.ts';
import { replay } from '../../../src/policy/replay.ts';
import { DEFAULTS } from '../../support/policies.ts';
import { type BackendModel, type Met, World } from '../../support/world.ts';

// Any number of backends, each with faults of any kind at any time, on a PM2 that does what PM2 does.

/** The same lives every time; `RUNS=2000` looks at so many others. */
const RUNS = process.env.RUNS ? { numRuns: Number(process.env.RUNS) } : { numRuns: 25, seed: 12 };
const FAULTS_END = 90_000;
/** The longest cool-down, backoff, pilot's time and calm after each other. */
const SETTLED = FAULTS_END + 150_000;

const POLICY: Policy = {
  ...DEFAULTS,
  startupTimeoutMs: 5_000,
  coolDownMs: 20_000,
  withinMs: 20_000,
  maxRestarts: 4,
  backoff: { initialMs: 500, factor: 2, maxMs: 10_000, jitter: 0.2 },
  dependencies: [{ name: 'database', field: null }],
};

const faults = fc.record({
  kind: fc.constantFrom('503', 'hang', 'refused', '500', 'overload', 'crash', 'database'),
  from: fc.integer({ min: 0, max: 60_000 }),
  lastsMs: fc.integer({ min: 200, max: 30_000 }),
  isCured: fc.boolean(),
});
type Fault = typeof faults extends fc.Arbitrary<infer T> ? T : never;

const MET: Readonly<Record<string, Met>> = {
  '503': { status: 503 },
  database: { status: 503 },
  hang: 'hang',
  refused: 'refused',
  '500': { status: 500 },
  overload: { status: 503, retryAfterMs: 2_000 },
};

const worlds = fc.record({
  lives: fc.array(fc.array(faults, { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
  slowStop: fc.boolean(),
  seed: fc.nat(),
});

test('whatever befalls them, all are healthy once the faults are over, and the limit held', () => {
  fc.assert(
    fc.property(worlds, ({ lives, slowStop, seed }) => {
      const world = new World(Object.fromEntries(lives.map((life, i) => [`b${i}`, modelOf(life)])), () => POLICY, seed);
      world.slowStop = slowStop;
      world.runTo(SETTLED);
      for (const [i, state] of world.fleet.states.flat().entries()) {
        assert.equal(state.name, 'healthy', `b${i}`);
        assert.equal(state.incident, null);
        const counted = world
          .journal('restart', `b${i}`)
          .filter(({ cause, reason }) => cause !== 'operator' && reason.code !== 'dependency-down');
        for (const { at } of counted) {
          const within = counted.filter((other) => other.at >= at && other.at < at + POLICY.withinMs);
          // What turns out to be a dependency's fault is taken off the count.
          const refunded = world.journal('hold', `b${i}`).filter(({ reason }) => reason.code === 'dependency-down').length;
          assert.ok(within.length <= POLICY.maxRestarts + refunded);
        }
      }
      assert.deepEqual(world.fleet.bad, []);
      assert.equal(replay(world.recording.join('\n')), null);
    }),
    RUNS,
  );
});

function modelOf(life: readonly Fault[]): BackendModel {
  const isOn = ({ from, lastsMs }: Fault, now: number) => now >= from && now < from + lastsMs;
  return {
    answer: ({ now, startedAt }) => {
      const fault = life.find((one) => one.kind !== 'crash' && isOn(one, now) && !(one.isCured && startedAt >= one.from));
      return fault === undefined ? 'ok' : (MET[fault.kind] ?? 'ok');
    },
    livesMs: ({ startedAt }) => {
      const next = life.filter((one) => one.kind === 'crash' && startedAt < one.from + one.lastsMs);
      return next.length === 0 ? null : Math.max(300, Math.min(...next.map(({ from }) => from - startedAt)));
    },
    databaseUp: (now) => !life.some((one) => one.kind === 'database' && isOn(one, now)),
  };
}
