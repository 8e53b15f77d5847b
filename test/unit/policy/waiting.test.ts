import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serves } from '../../../src/policy/children.ts';
import { cadence } from '../../../src/policy/timing/cadence.ts';
import { DATABASE, Story } from '../../support/story.ts';

/** Its launcher is up at 1 s, and waits. */
function waiting(): Story {
  return new Story(DATABASE).at(1).seen(0, { phase: 'waiting', upAt: 1_000 });
}

test('what waits is starting for as long as it takes: it is not checked, not judged, and no incident', () => {
  const story = waiting().database(false).at(3_600).tick();
  assert.equal(story.name, 'starting');
  assert.equal(serves(story.state), false);
  assert.equal(cadence(story.state, story.policy, [], story.now).nextCheckInMs, null);
  assert.deepEqual(story.actions, []);
});

test('let through it has its startup_timeout from then on', () => {
  const story = waiting().at(3_600).seen(0, { phase: 'up', upAt: 3_600_000 });
  assert.equal(story.name, 'starting');
  assert.notEqual(cadence(story.state, story.policy, [], story.now).nextCheckInMs, null);
  story.at(3_630).tick();
  assert.deepEqual(story.actions, []);
  assert.equal(story.ok().name, 'healthy');
});

test('an operator stops and starts it: it waits, whatever it was before', () => {
  const story = Story.healthy().at(200).stoppedByHand();
  assert.equal(story.name, 'stopped');
  story.at(201).seen(0, { phase: 'waiting', incarnation: '0@201000', upAt: 201_000 });
  assert.equal(story.name, 'starting');
  assert.equal(story.at(202).stoppedByHand().name, 'stopped');
});

test('a launcher that is killed is a crash like any other', () => {
  const story = waiting().at(2).crash();
  assert.deepEqual(story.said(), ['fail crashed', 'restart crashed']);
});

const MIGRATION = 'alembic upgrade head, to be run before its start, failed with exit status 1.';

test('what is to be run before an operator’s start fails: it is stopped, told, and not tried again', () => {
  const story = waiting().at(2).event({ type: 'start-failed', text: MIGRATION, again: false });
  assert.match(story.lines()[0]?.reason.text ?? '', /failed with exit status 1\. It is not started/);
  assert.deepEqual(story.driven(), ['stop']);
  story.done('stop').at(3_000).tick();
  assert.equal(story.name, 'unhealthy');
  assert.deepEqual(story.driven(), []);
  story.at(3_001).seen(0, { phase: 'waiting', incarnation: '0@3001000', upAt: 3_001_000 });
  assert.equal(story.name, 'starting', 'the operator starts it again');
});

test('after a boot it is tried again, further and further apart, and within the limit', () => {
  const story = waiting();
  const starts: number[] = [];
  for (let second = 2; second < 2_000; second++) {
    story.at(second).tick();
    if (story.state.children[0]?.phase === 'waiting') story.event({ type: 'start-failed', text: MIGRATION, again: true });
    for (const did of story.driven()) {
      if (did === 'stop') story.seen(0, { phase: 'stopped' }).done('stop');
      if (did !== 'start crash') continue;
      starts.push(second);
      story.done('start').seen(0, { phase: 'waiting', incarnation: `0@${second}`, upAt: second * 1_000 });
    }
    if (story.name === 'exhausted') break;
  }
  assert.equal(starts.length, story.policy.maxRestarts);
  const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
  assert.ok((gaps.at(-1) ?? 0) > 60 && (gaps[0] ?? 0) <= 3, gaps.join(' '));
  assert.equal(story.name, 'exhausted');
});

/** A job that is running at 1 s. */
function job(): Story {
  return new Story({ isChecked: false, isJob: true }).at(1).seen(0, { phase: 'up', upAt: 1_000, eager: false });
}

const ENDED_BY_ITSELF = { pmId: 0, incarnation: '0@1000', asked: false, code: 0 };

test('a job that has ended well is completed: no crash, nothing is done', () => {
  const story = job().at(5).seen(0, { phase: 'down', completed: true }, [ENDED_BY_ITSELF]);
  assert.equal(story.name, 'completed');
  story.seen(0, { phase: 'stopped' }).at(4_000).tick();
  assert.equal(story.name, 'completed');
  assert.deepEqual(story.actions, []);
  story.at(4_001).seen(0, { phase: 'up', incarnation: '0@4001000', upAt: 4_001_000, completed: false });
  assert.equal(story.name, 'unchecked', 'somebody runs it again');
});

test('a job that fails is tried again, and what was wrong with it is over when it is done', () => {
  const story = job().at(5).crash();
  assert.deepEqual(story.driven(), ['stop']);
  story.seen(0, { phase: 'stopped' }).done('stop').tick();
  assert.deepEqual(story.driven(), ['start crash']);
  story.done('start').at(6).seen(0, { phase: 'up', incarnation: '0@6000', upAt: 6_000 });
  story.at(8).seen(0, { phase: 'down', completed: true }, [{ ...ENDED_BY_ITSELF, incarnation: '0@6000' }]);
  assert.deepEqual(story.said().at(-1), 'recover recovered');
  assert.equal(story.name, 'completed');
});

test('what was done in an earlier boot, and not since, is stopped', () => {
  const story = job().at(5).seen(0, { phase: 'stopped', completed: true });
  assert.equal(story.at(9).seen(0, { phase: 'stopped', completed: false, incarnation: '0@9000' }).name, 'stopped');
});
