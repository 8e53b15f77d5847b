import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromSnapshot, toSnapshot } from '../../../src/policy/snapshot.ts';
import { summary } from '../../../src/policy/telling/summary.ts';
import { cadence } from '../../../src/policy/timing/cadence.ts';
import { nextTickMs } from '../../../src/policy/timing/next-tick.ts';
import { BROKEN, DATABASE, DOWN, REFUSED, STRANGER, Story } from '../../support/story.ts';

// What the shell asks of a state beside decide: when to look again, what to keep, what to tell.

const at = (...seconds: number[]) => seconds.map((second) => ({ startedAt: second * 1_000 }));
const nextCheck = (story: Story, inFlight = at()) => cadence(story.state, story.policy, inFlight, story.now).nextCheckInMs;

test('a backend that is well is checked once an interval', () => {
  assert.equal(nextCheck(Story.healthy().at(100.2)), 800);
});

test('suspect or starting: a quarter of the interval', () => {
  assert.equal(nextCheck(Story.healthy().at(101).check(REFUSED)), 250);
  assert.equal(nextCheck(new Story().at(0).online().at(1).check(REFUSED)), 250);
});

test('a check that stays unanswered: more of them, a quarter of the interval apart, up to the threshold', () => {
  const story = Story.healthy();
  assert.equal(nextCheck(story.at(101), at(101)), 250);
  assert.equal(nextCheck(story.at(101.25), at(101)), 0);
  assert.equal(nextCheck(story.at(101.3), at(101, 101.25)), 200);
  assert.equal(nextCheck(story.at(102), at(101, 101.25, 101.5)), null);
});

test('a backend that is slow by habit is given twice its usual time', () => {
  const story = Story.healthy();
  for (let t = 101; t < 140; t++)
    story
      .at(t + 0.9)
      .check({ kind: 'answer', status: 200, latencyMs: 900, retryAfterMs: null, json: null, excerpt: '' }, null, t);
  const patience = nextCheck(story.at(140), at(140)) ?? 0;
  assert.ok(patience > 1_500 && patience <= 1_800, `${patience} ms`);
});

test('checks of a process that is gone do not hold up those of the next', () => {
  const story = Story.healthy().at(105).online();
  assert.equal(nextCheck(story.at(105.1), at(104)), 0);
});

test('no check of what does not run', () => {
  assert.equal(nextCheck(Story.healthy().crash()), null);
  assert.equal(nextCheck(Story.healthy().crash(STRANGER)), null);
  assert.equal(nextCheck(Story.healthy().stoppedByHand()), null);
});

test('what is degraded is looked at once an interval, one check at a time', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, DOWN);
  assert.equal(nextCheck(story), 1_000);
  assert.equal(nextCheck(story, at(101.5)), null);
});

test('dependencies are asked at once when they have a failure to explain, and seldom otherwise', () => {
  const next = (story: Story) => cadence(story.state, story.policy, [], story.now).nextDependencyCheckInMs;
  assert.equal(next(Story.healthy()), null);
  assert.equal(next(Story.healthy(DATABASE).database(true)), 5_000);
  const failing = Story.healthy(DATABASE).database(true).at(101).check(DOWN);
  assert.equal(next(failing), 0);
  assert.equal(next(failing.database(true)), 1_000);
});

test('ticks: none while all is well, at the time when something is due', () => {
  assert.equal(nextTickMs(Story.healthy().state, Story.healthy().policy, 100_000), null);
  const story = Story.healthy({ maxRestarts: 1 }).crash().at(101).online().at(102).crash().at(103).done('stop');
  assert.equal(nextTickMs(story.state, story.policy, 102_000), 900_000);
});

test('a restart of lifeguard: the window and what was due go on by the wall clock', () => {
  const story = Story.healthy({ maxRestarts: 1 }).crash().at(101).online().at(102).crash().at(102.1).done('stop');
  const saved = JSON.parse(JSON.stringify(toSnapshot(story.state, 102_100, 1_700_000_000_000)));
  const restored = fromSnapshot(saved, story.policy, 5_000, 1_700_000_060_000);
  assert.ok(restored.state);
  assert.equal(restored.state.since, 102_000 - 102_100 + 5_000 - 60_000);
  assert.equal(nextTickMs(restored.state, story.policy, 5_000), 839_900);
});

test('a wall clock that went back: no time has passed', () => {
  const story = Story.healthy().crash();
  const restored = fromSnapshot(toSnapshot(story.state, 100_000, 1_700_000_000_000), story.policy, 7_000, 1_600_000_000_000);
  assert.equal(restored.state?.budget.restarts[0]?.at, 7_000);
});

test('of what version 0.1.0 has left the restarts are counted on', () => {
  const { policy } = Story.healthy();
  const restarts = [{ at: 90_000, cause: 'crash' }];
  const first = { name: 'healthy', seed: 7, restarts, lastRestartAt: 90_000, lastDelayMs: 1_000, stableAt: null };
  const snapshot = { ...toSnapshot(first as never, 100_000, 1_700_000_000_000), version: 1 };
  const { state } = fromSnapshot(JSON.parse(JSON.stringify(snapshot)), policy, 5_000, 1_700_000_060_000);
  assert.deepEqual(state?.budget, {
    restarts: [{ at: -65_000, cause: 'crash' }],
    lastAt: -65_000,
    lastDelayMs: 1_000,
    stableAt: null,
  });
  assert.equal(state?.judgement.name, 'starting');
});

test('a snapshot that is damaged, of another version, or none: a warning, and no state', () => {
  const { state, policy } = Story.healthy();
  const good = toSnapshot(state, 0, 0);
  const bad: unknown[] = [
    null,
    'x',
    [],
    {},
    { ...good, version: 99 },
    { ...good, at: '0' },
    { ...good, state: { ...state, name: 'healthier' } },
    { ...good, sum: '0' },
  ];
  for (const json of bad) {
    const restored = fromSnapshot(json, policy, 0, 0);
    assert.equal(restored.state, null);
    assert.match(restored.warning ?? '', /cannot be used/);
  }
});

test('dependencies that are no longer configured are forgotten, new ones are not known yet', () => {
  const { state } = Story.healthy(DATABASE).database(false);
  const policy = { ...Story.healthy().policy, dependencies: [{ name: 'queue', field: null }] };
  const restored = fromSnapshot(toSnapshot(state, 0, 0), policy, 0, 0);
  assert.deepEqual(Object.keys(restored.state?.dependencies ?? {}), ['queue']);
});

test('a summary says what people ask', () => {
  const story = Story.healthy({ maxRestarts: 1 }).crash().at(101).online().at(102).crash().at(112).done('stop');
  const seen = summary(story.state, story.policy, story.now);
  assert.equal(seen.state, 'exhausted');
  assert.equal(seen.restarts, 1);
  assert.equal(seen.sinceRestartMs, 12_000);
  assert.equal(seen.dueInMs, 890_000);
  assert.equal(seen.parked, true);
  assert.match(seen.held ?? '', /the limit/);
  assert.equal(summary(Story.healthy().at(101).row(2, BROKEN).state, story.policy, 102_000).consecutiveFailures, 2);
});

test('status tells when what hangs and was ended is started again', () => {
  const story = Story.healthy({ failureThreshold: 1 });
  story.at(101).row(1, { kind: 'timeout', latencyMs: 5_000 }).done('kill').at(102).online().at(103).ok();
  story.at(104).row(1, { kind: 'timeout', latencyMs: 5_000 }).done('halt');
  assert.equal(story.name, 'unhealthy');
  assert.ok((summary(story.state, story.policy, story.now).dueInMs ?? 0) > 0);
});
