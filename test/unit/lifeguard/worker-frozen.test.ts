import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortWorker } from '../../../src/host/host.ts';
import { lookOnce, type Seen } from '../../../src/lifeguard/workers/frozen.ts';
import { BROKEN, Story } from '../../support/story.ts';

// One frozen worker among several: what the looks make of it, and what is done about it.

const idle = (pid: number, more: Partial<PortWorker> = {}): PortWorker => ({
  role: 'worker',
  pid,
  startTime: 1,
  state: 'S',
  cpuMs: 10,
  inodes: ['7'],
  waiting: 0,
  shared: true,
  ...more,
});

/** Looks every 2.5 s at workers that `at` gives by the second; when each was found frozen, as `pid@second`. */
function found(at: (second: number) => PortWorker[], untilSecond = 30): string[] {
  let seen: Seen = new Map();
  const told: string[] = [];
  for (let second = 0; second <= untilSecond; second += 2.5) {
    const look = lookOnce(seen, at(second), second * 1_000);
    seen = look.seen;
    for (const { worker } of look.frozen) told.push(`${worker.pid}@${second}`);
  }
  return told;
}

test('stopped from second 3 on: found by second 15; an idle one and one that computes never', () => {
  const told = found((second) => [
    idle(1, { state: second >= 3 ? 'T' : 'S' }),
    idle(2),
    idle(3, { state: 'R', cpuMs: second * 1_000 }),
  ]);
  assert.equal(told[0], '1@15');
  assert.ok(told.every((one) => one.startsWith('1@')));
});

test('stopped for a moment, again and again: it goes on in between', () => {
  assert.deepEqual(
    found((second) => [idle(1, { state: second % 5 === 0 ? 'T' : 'S' }), idle(2)]),
    [],
  );
  assert.deepEqual(
    found((second) => [idle(1, { state: 'T', cpuMs: second })]),
    [],
  );
});

test('another process of its pid is another worker', () => {
  assert.deepEqual(
    found((second) => [idle(1, { state: 'T', startTime: second < 7 ? 1 : 2 }), idle(2)], 12.5),
    [],
  );
});

test('their parent stopped: found by second 15; together with all of them the checks tell, and one that computes is none', () => {
  const parent = (state: string, cpuMs = 10) => idle(9, { role: 'parent', state, cpuMs });
  assert.equal(found((second) => [idle(1), parent(second >= 3 ? 'T' : 'S')])[0], '9@15');
  assert.deepEqual(
    found(() => [idle(1, { state: 'T' }), parent('T')]),
    [],
  );
  assert.deepEqual(
    found((second) => [idle(1), parent(second % 2 === 0 ? 'D' : 'R')]),
    [],
  );
  assert.deepEqual(
    found(() => [idle(1), parent('t')]),
    [],
    'a debugger holds it',
  );
});

test('all of them stopped: the checks tell, not this', () => {
  assert.deepEqual(
    found(() => [idle(1, { state: 'T' }), idle(2, { state: 'T' })]),
    [],
  );
});

test('a queue of its own that only grows, while another one is empty; one that is worked off is none, nor is a shared one', () => {
  const own = { shared: false, state: 'R' };
  assert.equal(found((second) => [idle(1, { ...own, waiting: 1 + second, cpuMs: second * 1_000 }), idle(2, own)])[0], '1@15');
  assert.deepEqual(
    found((second) => [idle(1, { ...own, waiting: second % 7 }), idle(2, own)]),
    [],
  );
  const busy = { ...own, waiting: 100 };
  assert.deepEqual(
    found((second) => [idle(1, { ...busy, cpuMs: second * 900 }), idle(2, { ...busy, waiting: 90 })]),
    [],
  );
  assert.deepEqual(
    found(() => [idle(1, { waiting: 5 }), idle(2, { waiting: 5 })]),
    [],
  );
});

const FROZEN = {
  type: 'worker',
  trouble: {
    is: 'frozen',
    worker: { pid: 17, startTime: 1 },
    since: 111_000,
    text: 'is stopped',
    among: 2,
    pmId: null,
    isParent: false,
  },
} as const;

test('it alone is ended, counted, and that is an incident with an end', () => {
  const story = Story.healthy().at(120).event(FROZEN);
  assert.deepEqual(
    story.actions.map((action) => (action.type === 'journal' ? `${action.entry.what} ${action.entry.reason.code}` : action.type)),
    ['fail worker-frozen', 'restart worker-frozen', 'end-worker', 'recover recovered'],
  );
  assert.equal(story.state.budget.restarts.length, 1);
  assert.equal(story.state.name, 'healthy');
});

test('one of PM2’s own workers: PM2 restarts it alone, killed, and counted', () => {
  const story = Story.healthy().online(1).ok().at(120);
  const of = { ...FROZEN.trouble, pmId: 1 };
  story.event({ ...FROZEN, trouble: of });
  const targets = story.actions.flatMap((action) => (action.type === 'operation' ? [`${action.kind} ${action.pmId}`] : []));
  assert.deepEqual(targets, ['kill 1']);
  assert.equal(story.state.budget.restarts.length, 1);
});

test('the parent: all of it is restarted gracefully, whatever its checks say, or that is told where nothing is left to spend', () => {
  const parent = { ...FROZEN, trouble: { ...FROZEN.trouble, isParent: true, pmId: 0 } };
  const story = Story.healthy().at(120).event(parent);
  for (let second = 121; second < 125; second++) story.at(second).ok();
  assert.match(story.lines()[0]?.reason.text ?? '', /^Its parent process, pid 17, is stopped: all of it is restarted\.$/);
  assert.deepEqual(story.driven(), ['restart hang']);
  const spent = Story.healthy({ maxRestarts: 1 }).at(120).event(FROZEN);
  spent.driven();
  assert.deepEqual(spent.at(140).event(parent).said(), ['warn worker-frozen']);
});

test('none comes in its place: all of it is restarted, gracefully, whatever its checks say', () => {
  const story = Story.healthy().at(120).event(FROZEN).at(125).ok();
  story.driven();
  story.event({ type: 'worker', trouble: { is: 'not-replaced', worker: { pid: 17, startTime: 1 } } });
  for (let second = 126; second < 130; second++) story.at(second).ok();
  assert.deepEqual(story.driven(), ['restart hang']);
});

test('nothing in a pause or while it is judged; where hang is not to be restarted, or nothing is left to spend, that is said', () => {
  assert.deepEqual(Story.healthy().pause(60).event(FROZEN).driven(), []);
  assert.deepEqual(Story.healthy().at(120).check(BROKEN).event(FROZEN).driven(), []);
  assert.deepEqual(
    Story.healthy({ restartOn: ['crash'] })
      .event(FROZEN)
      .said(),
    ['warn worker-frozen'],
  );
  const spent = Story.healthy({ maxRestarts: 1 }).at(120).event(FROZEN);
  spent.driven();
  assert.deepEqual(spent.at(140).event(FROZEN).said(), ['warn worker-frozen']);
});
