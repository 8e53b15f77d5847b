import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, DATABASE, DOWN, REFUSED, Story, TIMEOUT } from '../../support/story.ts';

const BUSY = answer(503, { retryAfterMs: 8_000 });

test('a dependency is known to be down: held, said once, well again by itself', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, DOWN);
  assert.equal(story.name, 'degraded');
  for (let t = 102; t < 160; t++) story.at(t).database(false).check(DOWN);
  assert.deepEqual(story.said(), ['hold dependency-down']);
  story.at(160).database(true).at(161).check(DOWN).at(162).ok();
  assert.equal(story.name, 'healthy');
  assert.deepEqual(story.said(), ['recover recovered']);
  assert.equal(story.state.budget.restarts.length, 0);
});

test('its dependency is back and it has had 5 s to notice: its pool is stale, one restart', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, DOWN).at(160).database(true);
  story.driven();
  for (let t = 161; t <= 165; t += 0.5) story.at(t).check(DOWN, null, t - 0.4);
  assert.deepEqual(story.driven(), []);
  story.at(166).check(DOWN);
  assert.deepEqual(
    story.lines().map(({ what, reason }) => `${what} ${reason.code}`),
    ['restart stale-after-dependency'],
  );
  assert.deepEqual(story.driven(), ['restart 503']);
});

test("what is known of a dependency is older than the failures: it is asked first, for a check's time at most", () => {
  const story = Story.healthy(DATABASE).at(100.5).database(true).at(101).row(3, DOWN);
  assert.equal(story.name, 'suspect');
  assert.equal(story.at(101.6).database(false).name, 'degraded');
  const unanswered = Story.healthy(DATABASE).at(100.5).database(true).at(101).row(3, DOWN).at(106).tick();
  assert.deepEqual(unanswered.driven(), ['restart 503']);
  const answered = Story.healthy(DATABASE).at(101).row(2, DOWN).database(true).at(101.5).check(DOWN);
  assert.deepEqual(answered.driven(), ['restart 503']);
});

test('no dependency is configured: one restart, and if the same 503 is back, held and tried again every backoff.max', () => {
  const story = Story.healthy().row(3, DOWN).at(101).online();
  assert.deepEqual(story.driven(), ['restart 503']);
  for (let t = 102; t < 400; t++) story.at(t).check(DOWN);
  assert.equal(story.name, 'degraded');
  assert.deepEqual(story.said(), ['hold restart-does-not-cure']);
  story.at(401).check(DOWN);
  assert.deepEqual(story.driven(), ['restart 503']);
});

test('a 503 that no restart cures never stops the backend, however long it lasts', () => {
  const story = Story.healthy({ maxRestarts: 3, startupTimeoutMs: 1_000 });
  for (let t = 101; t < 20_000; t += 1) {
    story.at(t).check(DOWN);
    if (story.driven().length > 0) story.at(t + 0.5).online();
  }
  assert.equal(story.name, 'degraded');
});

test('a 503 that comes again after a success that lasted is a new one', () => {
  const story = Story.healthy();
  for (const t of [110, 130, 150, 170]) {
    story
      .at(t)
      .row(3, DOWN)
      .at(t + 5)
      .check(DOWN);
    assert.deepEqual(story.driven(), ['restart 503']);
    for (let s = 6; s < 20; s++)
      story
        .at(t + s + 0.1)
        .seen(0, s === 6 ? { incarnation: `0@${t}`, phase: 'up', upAt: story.now } : {})
        .ok();
  }
});

test('a 503 that comes again within seconds is restarted three times, then restarts do not cure it', () => {
  const story = Story.healthy();
  for (const t of [110, 115, 120, 126]) {
    story
      .at(t)
      .row(3, DOWN)
      .at(t + 3)
      .check(DOWN);
    if (story.name === 'restarting')
      story
        .at(t + 3.1)
        .online()
        .ok();
  }
  assert.equal(story.name, 'degraded');
  assert.deepEqual(story.driven(), ['restart 503', 'restart 503', 'restart 503']);
});

test('overload: left alone while it asks for patience, one line, well again by itself', () => {
  const story = Story.healthy();
  for (let t = 101; t < 109; t++) story.at(t).check(BUSY);
  assert.equal(story.name, 'degraded');
  assert.deepEqual(story.said(), ['hold overload']);
  assert.equal(story.at(109).ok().name, 'healthy');
  assert.deepEqual(story.driven(), []);
});

test('an overload that comes and goes is one incident with one line until it has been calm', () => {
  const story = Story.healthy();
  for (let t = 101; t < 200; t++) story.at(t).check(t % 5 === 0 ? answer(200) : BUSY);
  assert.deepEqual(story.said(), ['hold overload']);
  for (let t = 200; t < 240; t++) story.at(t).ok();
  assert.deepEqual(story.said(), ['recover recovered']);
});

test('an overload that outlasts retry_after_max is judged like any other 503', () => {
  const story = Story.healthy({ retryAfterMaxMs: 10_000 });
  for (let t = 101; t < 111; t++) story.at(t).check(BUSY);
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.at(111).check(BUSY).driven(), ['restart 503']);
});

test('a dependency that is down explains a 503 before its Retry-After does', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, BUSY);
  assert.deepEqual(story.said(), ['hold dependency-down']);
});

test('a hang while it is held is a hang', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, DOWN);
  story.driven();
  story.at(110).row(3, TIMEOUT);
  assert.deepEqual(story.driven(), ['kill hang']);
});

test('an answer between the time-outs of one that is held: it does not hang', () => {
  const story = Story.healthy(DATABASE)
    .at(100.5)
    .database(false)
    .at(101)
    .row(3, DOWN)
    .at(110)
    .row(2, TIMEOUT)
    .at(112)
    .check(DOWN);
  story.driven();
  story.at(113).row(2, TIMEOUT);
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.at(114).check(TIMEOUT).driven(), ['kill hang']);
});

test('in its start: its first seconds are no incident; then degraded if a dependency is long known to be down, but no restart before its time', () => {
  const story = new Story(DATABASE).at(0).online();
  for (let t = 1; t < 10; t++) story.at(t).database(false).check(DOWN);
  assert.equal(story.name, 'starting');
  assert.deepEqual(story.said(), []);
  assert.equal(story.at(10).database(false).check(DOWN).name, 'degraded');
  story.at(12).database(true);
  for (let t = 13; t < 60; t++) story.at(t).check(DOWN);
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.at(60.5).check(DOWN).driven(), ['restart 503']);
});

test('a dependency goes down while a restart waits: it is held instead', () => {
  const story = Story.healthy(DATABASE).at(101).database(true).row(3, DOWN).at(101.6).database(true).tick();
  story.at(102).online().ok().at(102.2).row(2, DOWN).database(true).check(DOWN);
  assert.equal(story.name, 'unhealthy');
  story.driven();
  story.at(102.7).database(false).at(110).check(DOWN);
  assert.equal(story.name, 'degraded');
  assert.deepEqual(story.driven(), []);
});

test('a restart waits and the failure turns into a 503: its dependency is asked before anything is done', () => {
  const story = Story.healthy(DATABASE).row(3, REFUSED).at(101).online().ok().at(101.1).row(3, REFUSED);
  assert.equal(story.name, 'unhealthy');
  story.driven();
  story.at(102).check(DOWN).at(103).check(DOWN);
  assert.deepEqual(story.driven(), []);
  assert.equal(story.at(103.1).database(false).name, 'degraded');
});

test('reset lets a 503 that was not cured have another try', () => {
  const story = Story.healthy({ startupTimeoutMs: 1_000 }).row(3, DOWN).at(101).online().at(103).row(3, DOWN);
  assert.equal(story.name, 'degraded');
  story.driven();
  assert.deepEqual(story.at(104).command('reset').driven(), ['restart 503']);
});
