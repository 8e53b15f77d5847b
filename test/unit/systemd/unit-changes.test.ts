// A backend's unit, as `systemctl show` has it, in the words of PM2's bus: what ended by itself, and what somebody asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusEvent } from '../../../src/pm2/types.ts';
import { changesOf } from '../../../src/systemd/unit-changes.ts';
import { unitFrom } from '../../../src/systemd/unit-now.ts';

const shown = (keys: Readonly<Record<string, string | number>>) =>
  unitFrom(
    'shop',
    Object.entries(keys)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  );

const up = (pid: number, startedUs: number, restarts = 0) =>
  shown({
    ActiveState: 'active',
    SubState: 'running',
    MainPID: pid,
    ExecMainStartTimestampMonotonic: startedUs,
    NRestarts: restarts,
  });
const RUNS = up(100, 1_000_000);
const RESTING = shown({
  ...{ ActiveState: 'activating', SubState: 'auto-restart', Result: 'signal', MainPID: 0 },
  ...{ ExecMainStartTimestampMonotonic: 1_000_000, ExecMainCode: 2, ExecMainStatus: 9 },
});
const STOPPED = shown({ ActiveState: 'inactive', MainPID: 0, ExecMainStartTimestampMonotonic: 1_000_000 });
const GAVE_UP = shown({
  ...{ ActiveState: 'failed', Result: 'start-limit-hit', MainPID: 0 },
  ...{ ExecMainStartTimestampMonotonic: 1_000_000, ExecMainCode: 1, ExecMainStatus: 3 },
});

const told = (events: readonly BusEvent[]) =>
  events.map((event) => (event.type === 'process' ? [event.event, event.process.status, event.manually] : [event.type]));

const CASES = [
  ['nothing new', RUNS, RUNS, false, []],
  ['it died, and systemd waits to start it', RUNS, RESTING, false, [['exit', 'waiting restart', false]]],
  [
    'it died and is there again, seen in one look',
    RUNS,
    up(101, 2_000_000, 1),
    false,
    [
      ['exit', 'waiting restart', false],
      ['online', 'online', false],
    ],
  ],
  [
    'somebody restarted it',
    RUNS,
    up(101, 2_000_000),
    false,
    [
      ['exit', 'stopping', false],
      ['online', 'online', false],
    ],
  ],
  [
    'somebody stopped it',
    RUNS,
    STOPPED,
    false,
    [
      ['exit', 'stopping', false],
      ['stop', 'stopped', true],
    ],
  ],
  [
    'we had it stopped',
    RUNS,
    STOPPED,
    true,
    [
      ['exit', 'stopping', false],
      ['stop', 'stopped', false],
    ],
  ],
  ['systemd gave up', RUNS, GAVE_UP, false, [['exit', 'errored', false]]],
  ['somebody started it', STOPPED, up(101, 2_000_000), false, [['online', 'online', false]]],
  ['systemd started it again', RESTING, up(101, 2_000_000, 1), false, [['online', 'online', false]]],
] as const;

for (const [what, before, now, isOurs, expected] of CASES)
  test(what, () => assert.deepEqual(told(changesOf(before, now, isOurs)), expected));

test('how it ended is told while none runs', () => {
  assert.deepEqual(RESTING.exit, { code: null, signal: 'SIGKILL', oom: false, lastError: null });
  assert.deepEqual(GAVE_UP.exit, { code: 3, signal: null, oom: false, lastError: null });
  assert.equal(RUNS.exit, null);
});

test('the rest of a crashed one that is cleared away is not stopped by anybody; with a job it is', () => {
  const clearing = { ActiveState: 'deactivating', SubState: 'stop-sigterm', MainPID: 0 };
  assert.equal(shown({ ...clearing, Job: 0 }).is, 'resting');
  assert.equal(shown({ ...clearing, Job: 17 }).is, 'stopping');
});

test('one that did not end as it should when it was stopped is stopped', () => {
  assert.equal(shown({ ActiveState: 'failed', Result: 'timeout', MainPID: 0 }).is, 'stopped');
});
