import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../src/policy/observation.ts';
import { DATABASE, Story } from '../../support/story.ts';

// Workers without HTTP, while what they depend on is away: its heartbeat stops, or its command fails, and a restart would not help.

const SILENT: Answer = { kind: 'silent', silentMs: 61_000, detail: 'has sent no further heartbeat for 1 min' };
const SICK: Answer = { kind: 'sick', latencyMs: 9, detail: 'fails its check command: exit status 69', evidence: '' };

for (const [name, failing] of [
  ['its heartbeat stops', SILENT],
  ['its command fails', SICK],
] as const) {
  test(`${name} while its broker is down: held, said once, nothing counted, well again by itself`, () => {
    const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, failing);
    assert.equal(story.name, 'degraded');
    for (let t = 102; t < 160; t++) story.at(t).database(false).check(failing);
    assert.deepEqual(story.said(), ['hold dependency-down']);
    story.at(160).database(true).at(164).check(failing).at(165).ok();
    assert.equal(story.name, 'healthy');
    assert.deepEqual(story.driven(), []);
    assert.equal(story.state.budget.restarts.length, 0);
  });

  test(`${name} and nothing is down: it is restarted`, () => {
    const story = Story.healthy(DATABASE).at(100.9).database(true).at(101).row(3, failing).database(true).at(102).check(failing);
    assert.match(story.driven().join(), /^restart (hang|unreachable)$/);
  });
}

test('its heartbeat stays away for longer than a start may take after the broker is back: it is restarted', () => {
  const story = Story.healthy(DATABASE).at(100.5).database(false).at(101).row(3, SILENT).at(160).database(true);
  for (let t = 161; t < 219; t++) story.at(t).check(SILENT);
  assert.deepEqual(story.driven(), []);
  story.at(221).check(SILENT);
  assert.deepEqual(story.driven(), ['restart hang']);
});
