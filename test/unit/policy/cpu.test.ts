import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Story } from '../../support/story.ts';

const SPINS = { type: 'cpu', percent: 100 } as const;

function healthy(): Story {
  return Story.healthy({ maxCpu: { percent: 90, forMs: 300_000 } });
}

test('what takes more of the processor than max_cpu for so long is restarted gracefully, and counted', () => {
  const story = healthy()
    .at(200)
    .event({ ...SPINS, highForMs: 299_000 });
  assert.deepEqual(story.driven(), []);
  story.at(205).event({ ...SPINS, highForMs: 304_000 });
  assert.match(story.lines()[0]?.reason.text ?? '', /take 100 % of a core, and max_cpu of 90 % or more for 5 min/);
  assert.deepEqual(story.driven(), ['restart cpu']);
  assert.equal(story.state.budget.restarts.length, 1);
});

test('while that restart waits for its backoff it takes less again: the restart is off', () => {
  const story = healthy().at(101).crash().at(102).online().at(103).ok();
  story.driven();
  story.at(200).event({ ...SPINS, highForMs: 300_000 });
  story.at(200.1).event({ type: 'cpu', percent: 3, highForMs: 0 }).ok().at(400).tick();
  assert.deepEqual(
    story.driven().filter((did) => did.endsWith('cpu')),
    [],
  );
});

test('in a pause, while it starts, and without a max_cpu nothing is done', () => {
  assert.deepEqual(
    healthy()
      .pause(600)
      .at(200)
      .event({ ...SPINS, highForMs: 400_000 })
      .driven(),
    [],
  );
  assert.deepEqual(
    Story.healthy()
      .at(200)
      .event({ ...SPINS, highForMs: 400_000 })
      .driven(),
    [],
  );
  const starting = new Story({ maxCpu: { percent: 90, forMs: 10_000 } }).at(1).online().at(20);
  assert.deepEqual(starting.event({ ...SPINS, highForMs: 15_000 }).driven(), []);
});
