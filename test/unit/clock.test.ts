import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as realSleep } from 'node:timers/promises';
import { every, sleep, systemClock } from '../../src/clock/clock.ts';
import { VirtualClock } from '../simulation/time/virtual-clock.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

test('a timer of 30 days does not fire at once', async () => {
  let fired = 0;
  const cancel = systemClock.after(30 * 86_400_000, () => {
    fired += 1;
  });
  await realSleep(20);
  cancel();
  assert.equal(fired, 0);
});

test('a timer of 30 days fires after 30 days, and a cancelled one never', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const days = 30 * 86_400_000;
  const fired: string[] = [];
  systemClock.after(days, () => fired.push('kept'));
  const cancel = systemClock.after(days, () => fired.push('cancelled'));
  t.mock.timers.tick(LONGEST_TIMER_MS);
  cancel();
  t.mock.timers.tick(days - LONGEST_TIMER_MS - 1);
  assert.deepEqual(fired, []);
  t.mock.timers.tick(1);
  assert.deepEqual(fired, ['kept']);
});

test('virtual time: in the order in which things are due, promises kept in between', async () => {
  const clock = new VirtualClock(1_000, 0);
  const seen: string[] = [];
  const note = (what: string) => seen.push(`${clock.now()} ${what}`);
  clock.after(20, () => note('second'));
  clock.after(20, () => note('third'));
  clock.after(10, () => {
    note('first');
    void Promise.resolve()
      .then(() => undefined)
      .then(() => sleep(clock, 10))
      .then(() => note('promised'));
  });
  clock.after(5, () => note('never'))();
  await clock.run(1_050);
  assert.deepEqual(seen, ['1010 first', '1020 second', '1020 third', '1020 promised']);
  assert.equal(clock.now(), 1_050);
});

test('virtual time: every so often, until it is ended; of very many cancelled timers none fires', async () => {
  const clock = new VirtualClock(0, 0);
  let times = 0;
  const end = every(clock, 100, () => {
    times += 1;
  });
  for (let i = 0; i < 5_000; i++) clock.after(i % 900, () => assert.fail('it was cancelled'))();
  await clock.run(1_000);
  end();
  await clock.run(2_000);
  assert.equal(times, 10);
});

test('virtual time: a leap makes timers late, the wall clock can be set, and time that stands still is told', async () => {
  const clock = new VirtualClock(0, 1_000_000);
  const seen: number[] = [];
  clock.after(10, () => seen.push(clock.now()));
  clock.leap(500);
  clock.stepWall(-200);
  await clock.run(600);
  assert.deepEqual(seen, [500]);
  assert.equal(clock.wallNow(), 1_000_400);
  const again = (): void => {
    clock.after(0, again);
  };
  again();
  await assert.rejects(clock.run(700), /time stands still at 600 ms/);
});
