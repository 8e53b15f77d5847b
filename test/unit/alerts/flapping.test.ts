import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AlertStory, HOUR, MINUTE, SECOND, setupOf } from '../../support/alert-story.ts';

interface Fall {
  /** How long it is well before. */
  readonly wellMs: number;
  /** Restarts that it takes. */
  readonly restarts: number;
  /** From the last of them to the end. */
  readonly downMs: number;
}

/** Falls for an hour, as long as they last, and is quiet for three. */
function flap(falls: readonly Fall[], backends = ['api', 'web']): AlertStory {
  const story = new AlertStory(setupOf(backends));
  const end = story.now + HOUR;
  let incident = 0;
  for (const fall of [...falls, ...falls, ...falls, ...falls, ...falls, ...falls]) {
    if (story.now + fall.wellMs > end) break;
    story.pass(fall.wellMs);
    fallOnce(story, ++incident, fall);
  }
  return story.pass(3 * HOUR);
}

function fallOnce(story: AlertStory, incident: number, { restarts, downMs }: Fall): void {
  const seen = { incident, cause: 'crash', text: 'It ended with exit code 1.' } as const;
  const since = story.now;
  story.line('api', 'fail', { ...seen, code: 'crashed' });
  for (let n = 1; n <= restarts; n++) {
    if (n > 1) story.line('api', 'hold', { ...seen, code: 'backoff', restarts: n - 1 });
    story.pass(n * SECOND);
    story.line('api', 'restart', { ...seen, code: 'crashed', restarts: n, to: 'restarting' });
  }
  story.pass(downMs);
  story.line('api', 'recover', { ...seen, code: 'recovered', to: 'healthy', sinceFailureMs: story.now - since });
}

const every = (wellMs: number, restarts: number, downMs: number) =>
  Array.from({ length: 300 }, () => ({ wellMs, restarts, downMs }));

test('the third restart within an hour, each a cure: one alert, ended after a quiet hour', () => {
  const story = flap(every(70 * SECOND, 1, SECOND));
  assert.match(
    story.titles()[0] ?? '',
    /^\[FLAPPING\] api on vm1: it fell 3 times within the hour, each time a restart cured it: ended/,
  );
  assert.equal(story.told.filter(({ message }) => message.event === 'ended').length, 1);
  assert.match(story.titles().at(-1) ?? '', /^\[OK\] api on vm1: no trouble for an hour, after 5\d falls$/);
  const [first, last] = [story.told[0], story.told.at(-1)];
  assert.ok((last?.at ?? 0) - (first?.at ?? 0) > HOUR);
});

test('two in an hour are none', () => {
  assert.deepEqual(flap(every(25 * MINUTE, 1, SECOND)).titles(), []);
});

test('told as down, well, and down again within the hour: told as again, and its end is not told each time', () => {
  const story = flap(every(5 * MINUTE, 2, 30 * SECOND));
  assert.deepEqual(
    story.titles().map((title) => title.replace(/:.*/, '')),
    ['[DOWN] api on vm1', '[OK] api on vm1', '[DOWN AGAIN] api on vm1', '[OK] api on vm1'],
  );
});

test('down again, and this time for longer: its end is told at once', () => {
  const story = new AlertStory(setupOf(['api', 'web']));
  fallOnce(story, 1, { wellMs: 0, restarts: 2, downMs: MINUTE });
  story.pass(20 * MINUTE);
  fallOnce(story, 2, { wellMs: 0, restarts: 2, downMs: 30 * MINUTE });
  assert.deepEqual(
    story.told.map(({ message }) => message.event),
    ['opened', 'ended', 'opened', 'ended'],
  );
});

test('it flaps, and then stays down: that is told', () => {
  const story = new AlertStory(setupOf(['api', 'web']));
  for (let n = 1; n <= 5; n++) {
    fallOnce(story, n, { wellMs: 0, restarts: 1, downMs: SECOND });
    story.pass(MINUTE);
  }
  story.line('api', 'fail', {
    incident: 6,
    cause: 'hang',
    code: 'hung',
    text: 'It hangs: 3 checks in a row had no answer within 5 s.',
  });
  story.pass(10 * MINUTE);
  assert.deepEqual(
    story.titles().map((title) => title.replace(/:.*/, '')),
    ['[FLAPPING] api on vm1', '[DOWN] api on vm1'],
  );
});

test('whatever way a backend flaps for an hour: at most 4 messages, and one end for each beginning', () => {
  const fall = fc.record({
    wellMs: fc.integer({ min: 5_000, max: 400_000 }),
    restarts: fc.integer({ min: 1, max: 3 }),
    downMs: fc.integer({ min: 100, max: 100_000 }),
  });
  fc.assert(
    fc.property(fc.array(fall, { minLength: 8, maxLength: 25 }), (falls) => {
      const story = flap(falls);
      const events = story.told.map(({ message }) => message.event);
      assert.ok(events.length <= 4, story.titles().join('\n'));
      const count = (event: string) => events.filter((each) => each === event).length;
      assert.equal(count('opened'), count('ended'));
    }),
    { numRuns: 50 },
  );
});
