import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, BROKEN, DOWN, REFUSED, Story, TIMEOUT, VOID } from '../../support/story.ts';

test('fewer failures than the threshold: suspect, and one success clears it', () => {
  const story = Story.healthy().row(2, REFUSED);
  assert.equal(story.name, 'suspect');
  assert.equal(story.ok().name, 'healthy');
  assert.deepEqual(story.driven(), []);
});

const VERDICTS = [
  [[TIMEOUT, TIMEOUT, TIMEOUT], 'kill hang'],
  [[REFUSED, REFUSED, REFUSED], 'restart unreachable'],
  [[BROKEN, BROKEN, BROKEN], 'restart unreachable'],
  [[answer(500), answer(500), answer(500)], 'restart unreachable'],
  [[DOWN, DOWN, DOWN], 'restart 503'],
  // a mixture is what the last failure said that was no timeout
  [[DOWN, TIMEOUT, TIMEOUT], 'restart 503'],
  [[TIMEOUT, TIMEOUT, REFUSED], 'restart unreachable'],
  [[DOWN, REFUSED, TIMEOUT], 'restart unreachable'],
  [[REFUSED, DOWN, TIMEOUT], 'restart 503'],
  // a 4xx is an answer, and no failure
  [[REFUSED, REFUSED, answer(404), REFUSED], null],
  // what is void is not there at all
  [[REFUSED, VOID, REFUSED, VOID, REFUSED], 'restart unreachable'],
  [[TIMEOUT, TIMEOUT, answer(200), TIMEOUT], null],
] as const;

for (const [answers, expected] of VERDICTS) {
  const words = answers.map((a) => (a.kind === 'answer' ? a.status : a.kind)).join(', ');
  test(`${words}: ${expected ?? 'no verdict'}`, () => {
    const story = Story.healthy();
    for (const one of answers) story.at(story.now / 1_000 + 1).check(one);
    assert.deepEqual(story.driven(), expected === null ? [] : [expected]);
  });
}

test('an answer from a check that was started before the failures still is an answer in between', () => {
  const story = Story.healthy().at(106).check(TIMEOUT, null, 101).at(106.25).check(TIMEOUT, null, 101.25);
  story.at(106.3).check(answer(200), null, 101.3).at(106.5).check(TIMEOUT, null, 101.5);
  assert.equal(story.name, 'healthy');
  assert.deepEqual(story.driven(), []);
});

test('a time-out that is older than a later answer is no news', () => {
  const story = Story.healthy().at(103.1).check(answer(200), null, 103).at(106).check(TIMEOUT, null, 101);
  assert.equal(story.name, 'healthy');
  assert.equal(story.state.failures, null);
});

test('a time-out that is older than a 503 is none in a row without an answer', () => {
  const story = Story.healthy({ failureThreshold: 2 }).at(103).check(DOWN, null, 103).at(106).check(TIMEOUT, null, 101);
  assert.equal(story.state.failures?.count, 1);
});

test('a 503 of a check that was started before the last success is no news either', () => {
  const story = Story.healthy().at(103.1).check(answer(200), null, 103).at(104).check(DOWN, null, 102);
  assert.equal(story.name, 'healthy');
});

test('a check that was started before this process is no verdict on it', () => {
  const story = Story.healthy();
  for (let i = 1; i <= 5; i++) story.at(100 + i).check(REFUSED, null, 98);
  assert.equal(story.name, 'healthy');
});

test('no verdict on a starting backend before startup_timeout, and then at once', () => {
  const story = new Story().at(0).online();
  for (let t = 1; t < 60; t++) story.at(t).check(REFUSED);
  assert.equal(story.name, 'starting');
  assert.deepEqual(story.driven(), []);
  story.at(60).tick();
  assert.deepEqual(
    story.lines().map(({ what, reason }) => `${what} ${reason.code}`),
    ['fail slow-start', 'restart slow-start'],
  );
  assert.deepEqual(story.driven(), ['restart unreachable']);
});

test('a boot of 30 s is neither a crash nor a hang', () => {
  const story = new Story().at(0).online();
  for (let t = 6; t <= 30; t += 6) story.at(t).check(TIMEOUT, null, t - 5);
  assert.equal(story.at(31).ok().name, 'healthy');
  assert.deepEqual(story.said(), []);
});

test('after its first success a start is judged like any other', () => {
  const story = new Story().at(0).online().at(1).ok().at(2).row(3, REFUSED);
  assert.deepEqual(story.driven(), ['restart unreachable']);
});

test('success_threshold: so many successes in a row end an incident', () => {
  const story = Story.healthy({ successThreshold: 3 }).row(3, DOWN).at(101).online().ok().ok();
  assert.equal(story.name, 'starting');
  assert.equal(story.ok().name, 'healthy');
  assert.deepEqual(story.said(), ['fail not-ready', 'restart not-ready', 'recover recovered']);
});

test('4xx, or a redirect elsewhere: misconfigured, said once, never a restart; an end when it can be told again', () => {
  for (const status of [404, 400, 301]) {
    const story = Story.healthy();
    for (let t = 101; t < 200; t++) story.at(t).check(answer(status));
    assert.equal(story.name, 'misconfigured');
    assert.deepEqual(story.said(), ['hold misconfigured']);
    assert.equal(story.at(201).ok().name, 'healthy');
    assert.deepEqual(story.said(), ['recover recovered']);
  }
});

test('one 4xx among successes says nothing', () => {
  const story = Story.healthy();
  for (let t = 101; t < 130; t++) story.at(t).check(answer(t % 3 === 0 ? 404 : 200));
  assert.equal(story.name, 'healthy');
  assert.deepEqual(story.said(), []);
});

test('restart.on without a cause: held, said once, and another cause still counts', () => {
  const story = Story.healthy({ restartOn: ['hang'] }).row(3, REFUSED);
  for (let t = 102; t < 130; t++) story.at(t).check(REFUSED);
  assert.equal(story.name, 'unhealthy');
  assert.deepEqual(story.said(), ['fail unreachable', 'hold not-in-restart-on']);
  story.at(140).row(3, TIMEOUT);
  assert.deepEqual(story.driven(), ['kill hang']);
});

test('it recovers while its restart waits: the restart is off', () => {
  const story = Story.healthy().row(3, REFUSED).at(101).online().ok();
  story.driven();
  story.at(101.1).row(3, REFUSED);
  assert.equal(story.name, 'unhealthy');
  assert.equal(story.at(101.7).ok().name, 'healthy');
  assert.deepEqual(story.at(110).tick().driven(), []);
});

test('no heartbeat is a hang, but it is ended as gracefully as it lets itself: it may be in the middle of something long', () => {
  const silent = { kind: 'silent', silentMs: 61_000, detail: 'sent no heartbeat for 61 s' } as const;
  const story = Story.healthy().row(3, silent);
  assert.deepEqual(story.driven(), ['restart hang']);
});

/** Killed 3 s after it came back from a crash that left a backoff of a minute. */
function hangsAfterACrash(): Story {
  const story = Story.healthy({ backoff: { initialMs: 60_000, factor: 2, maxMs: 300_000, jitter: 0 } })
    .at(101)
    .crash()
    .at(101.1);
  story.online().at(102).ok().driven();
  assert.deepEqual(story.at(103).row(3, TIMEOUT).driven(), ['halt hang']);
  return story;
}

test('a hang is killed at once, whatever backoff an earlier crash left, and its start alone waits', () => {
  const story = hangsAfterACrash();
  assert.deepEqual(story.at(104).done('halt').at(150).tick().driven(), []);
  assert.deepEqual(story.at(164).tick().driven(), ['start hang']);
});

test('what PM2 started in place of one that hung, before it could be kept from it, is ended gracefully', () => {
  const story = Story.healthy({ backoff: { initialMs: 1_000, factor: 100, maxMs: 300_000, jitter: 0 } })
    .at(101)
    .crash()
    .at(101.1);
  story.online().at(102).ok().at(103).crash().at(103.1).done('stop').at(104.1).tick().online().at(105).ok().driven();
  assert.deepEqual(story.at(106).row(3, TIMEOUT).driven(), ['halt hang']);
  story.at(106.8).online();
  story.done('halt', 'refused');
  assert.deepEqual(story.at(108).tick().driven(), ['stop']);
});

test('what an orphan answered does not speak for the process that is starting behind it', () => {
  const story = new Story().at(0).online().at(1).ok();
  assert.equal(story.state.name, 'healthy');
  story.event({ type: 'cleared' });
  assert.equal(story.state.name, 'starting');
  story.at(2).row(5, REFUSED);
  assert.deepEqual([story.state.name, story.state.budget.restarts.length], ['starting', 0]);
  assert.equal(story.at(20).ok().state.name, 'healthy');
});

test('one that has run for long gets no second start-up time by an orphan that was ended', () => {
  const story = Story.healthy().at(200).event({ type: 'cleared' }).at(201).row(3, REFUSED);
  assert.equal(story.state.operation?.cause, 'unreachable');
});
