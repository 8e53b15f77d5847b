import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serves } from '../../src/policy/children.ts';
import { cadence } from '../../src/policy/timing/cadence.ts';
import { DATABASE, Story } from '../support/story.ts';

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
