import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, noteStopped, type Picture, pidsOf, takeBus, takeList } from '../../../src/lifeguard/looking/picture.ts';
import type { Pm2Process } from '../../../src/pm2/types.ts';

const at = (now: number) => ({ now, wallNow: now });

function process(pmId: number, startedAt: number, more: Partial<Pm2Process> = {}): Pm2Process {
  const files = { outFile: '', errorFile: '' };
  return {
    pmId,
    name: 'api',
    pid: 100 + startedAt,
    status: 'online',
    startedAt,
    restarts: 0,
    execMode: 'fork',
    ...files,
    env: {},
    ...more,
  };
}

function heard(picture: Picture, event: string, of: Pm2Process, now: number, manually = false) {
  return takeBus(picture, { type: 'process', event, manually, process: { ...of, pid: 0 }, exitCode: 1 }, at(now));
}

function listed(picture: Picture, processes: readonly Pm2Process[], askedAt: number, now = askedAt, isFirst = false) {
  return takeList(picture, processes, askedAt, isFirst, at(now));
}

const FIRST = listed([], [process(0, 10)], 20, 20, true).picture;
const phases = (picture: Picture) => childrenOf(picture).map(({ incarnation, phase }) => `${incarnation} ${phase}`);
const ends = ({ ended }: ReturnType<typeof listed>) =>
  ended.map(({ incarnation, asked }) => `${incarnation}${asked ? ' asked' : ''}`);

test('an exit that nobody asked for, and the start after it', () => {
  const exit = heard(FIRST, 'exit', process(0, 10, { status: 'stopped' }), 30);
  assert.deepEqual(ends(exit), ['0@10']);
  assert.deepEqual(phases(exit.picture), ['0@10 down']);
  assert.deepEqual(phases(heard(exit.picture, 'online', process(0, 40), 40).picture), ['0@40 up']);
});

test('an exit that is told twice, or after the next process is up, is told on once', () => {
  const gone = process(0, 10, { status: 'stopped' });
  const exit = heard(FIRST, 'exit', gone, 30);
  assert.deepEqual(ends(heard(exit.picture, 'exit', gone, 31)), []);
  const up = heard(exit.picture, 'online', process(0, 40), 40);
  const late = heard(up.picture, 'exit', gone, 50);
  assert.deepEqual(ends(late), []);
  assert.deepEqual(phases(late.picture), ['0@40 up']);
});

test("an 'online' of a process that has ended in the meantime is no news", () => {
  const exit = heard(FIRST, 'exit', process(0, 40, { status: 'stopped' }), 45);
  assert.deepEqual(phases(heard(exit.picture, 'online', process(0, 40), 46).picture), ['0@40 down']);
});

test("in a crash loop an 'online' that comes after ten other processes is no news", () => {
  let picture = FIRST;
  for (let startedAt = 11; startedAt < 21; startedAt++) {
    picture = heard(picture, 'online', process(0, startedAt), 10 * startedAt).picture;
    picture = heard(picture, 'exit', process(0, startedAt, { status: 'stopped' }), 10 * startedAt + 1).picture;
  }
  assert.deepEqual(phases(heard(picture, 'online', process(0, 11), 300).picture), ['0@20 down']);
});

test('a process that came and went between two messages has ended, and so has the one before it', () => {
  assert.deepEqual(ends(heard(FIRST, 'exit', process(0, 40, { status: 'stopped' }), 45)), ['0@10', '0@40']);
});

test('a list that was asked for before the last message about a process does not speak of that process', () => {
  const exit = heard(FIRST, 'exit', process(0, 10, { status: 'stopped' }), 30);
  const old = listed(exit.picture, [process(0, 10)], 25, 35);
  assert.deepEqual(phases(old.picture), ['0@10 down']);
  assert.deepEqual(ends(old), []);
  assert.deepEqual(phases(listed(exit.picture, [], 25, 35).picture), ['0@10 down'], 'nor of its absence');
});

test('a message that was lost is made up for by the next list', () => {
  const anew = listed(FIRST, [process(0, 40)], 50);
  assert.deepEqual(ends(anew), ['0@10']);
  assert.deepEqual(phases(anew.picture), ['0@40 up']);
  const stopped = listed(FIRST, [process(0, 10, { status: 'stopped', pid: 0 })], 50);
  assert.deepEqual(ends(stopped), ['0@10 asked']);
  assert.deepEqual(phases(stopped.picture), ['0@10 stopped']);
  assert.deepEqual(phases(listed(FIRST, [], 50).picture), []);
});

test('one of two workers is stopped by hand: the other one is all that is left running', () => {
  const two = listed([], [process(0, 10), process(1, 11)], 20, 20, true).picture;
  const exit = heard(two, 'exit', process(0, 10, { status: 'stopping' }), 30);
  assert.deepEqual(ends(exit), ['0@10 asked']);
  const stop = heard(exit.picture, 'stop', process(0, 10, { status: 'stopped' }), 31, true);
  assert.deepEqual(stop.byHand, [0]);
  assert.deepEqual(phases(stop.picture), ['0@10 stopped', '1@11 up']);
  assert.deepEqual(phases(heard(stop.picture, 'delete', process(0, 10), 32).picture), ['1@11 up']);
});

test('a stop by hand that is told after somebody started it again is not the end of what runs', () => {
  const gone = process(0, 10, { status: 'stopped' });
  const up = heard(FIRST, 'online', process(0, 40), 40);
  const late = heard(up.picture, 'stop', gone, 50, true);
  assert.deepEqual(late.byHand, []);
  assert.deepEqual(phases(late.picture), ['0@40 up']);
  const stop = heard(up.picture, 'stop', process(0, 40, { status: 'stopped' }), 50, true);
  assert.deepEqual(stop.byHand, [0]);
});

test('a stop that is announced before the end: what still runs is to end, and runs again if it has not within its kill_timeout', () => {
  const running = process(0, 10, { env: { kill_timeout: 5_000 } });
  const announced = heard(FIRST, 'stop', running, 50, true);
  assert.deepEqual(announced.byHand, [0]);
  const drains = listed(announced.picture, [running], 4_000);
  assert.deepEqual(phases(drains.picture), ['0@10 stopped']);
  assert.deepEqual(ends(heard(drains.picture, 'exit', { ...running, status: 'stopped' }, 4_500)), []);
  assert.deepEqual(phases(listed(drains.picture, [running], 16_000).picture), ['0@10 up']);
});

test('a stop by hand is one, though the ends before it were told out of order', () => {
  const last = heard(FIRST, 'exit', process(0, 50, { status: 'stopped' }), 60);
  const older = heard(last.picture, 'exit', process(0, 40, { status: 'stopped' }), 61);
  const stop = heard(older.picture, 'stop', process(0, 50, { status: 'stopped' }), 70, true);
  assert.deepEqual(stop.byHand, [0]);
});

test('what a later list shows as running runs, whatever was told of it before, and its end is told again', () => {
  const exit = heard(FIRST, 'exit', process(0, 10, { status: 'stopped' }), 30);
  const back = listed(exit.picture, [process(0, 10)], 40);
  assert.deepEqual(phases(back.picture), ['0@10 up']);
  assert.deepEqual(ends(back), []);
  assert.deepEqual(ends(heard(back.picture, 'exit', process(0, 10, { status: 'stopped' }), 50)), ['0@10']);
});

test('a worker that is reloaded is told to have ended on request, though PM2 tells no end of it', () => {
  const cluster = { execMode: 'cluster' } as const;
  const first = listed([], [process(0, 10, cluster)], 20, 20, true).picture;
  assert.deepEqual(ends(heard(first, 'online', process(0, 40, cluster), 40)), ['0@10 asked']);
});

test('what ended before lifeguard began ended unseen', () => {
  const first = listed([], [process(0, 10, { status: 'waiting restart', pid: 0 })], 20, 20, true);
  assert.deepEqual(ends(first), []);
  assert.deepEqual(phases(first.picture), ['0@10 down']);
});

test('pids come from the list, and of the process that runs only', () => {
  const up = heard(FIRST, 'online', process(0, 40), 40).picture;
  assert.deepEqual(pidsOf(up), []);
  assert.deepEqual(pidsOf(listed(up, [process(0, 40)], 39, 45).picture), [140], 'though it was asked for a moment before');
  assert.deepEqual(pidsOf(listed(up, [process(0, 10)], 39, 45).picture), []);
});

test('PM2 said that it has done our stop: it stands still, unless it runs again', () => {
  const exit = heard(FIRST, 'exit', process(0, 10, { status: 'stopping' }), 30);
  assert.deepEqual(phases(noteStopped(exit.picture, 0)), ['0@10 stopped']);
  assert.deepEqual(phases(noteStopped(FIRST, 0)), ['0@10 up']);
});

test('whether PM2 starts it at once by itself is what its delay says', () => {
  const delays = [{}, { exp_backoff_restart_delay: 100 }, { exp_backoff_restart_delay: 10_000 }, { restart_delay: '5000' }];
  const eager = delays.map((env) => childrenOf(listed([], [process(0, 10, { env })], 20, 20, true).picture)[0]?.eager);
  assert.deepEqual(eager, [true, true, false, false]);
});
