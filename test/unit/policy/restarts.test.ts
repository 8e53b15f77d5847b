import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDelay, random } from '../../../src/policy/restarting/backoff.ts';
import { countRestarts } from '../../../src/policy/restarting/budget.ts';
import { FRESH_BUDGET, initialState } from '../../../src/policy/state.ts';
import { DEFAULTS } from '../../support/policies.ts';
import { answer, DOWN, ORPHAN, REFUSED, STRANGER, Story, TIMEOUT } from '../../support/story.ts';

const STEADY = { backoff: { ...DEFAULTS.backoff, jitter: 0 } };

test('the backoff: nothing for the first, then initial * factor^(n-1), at most max', () => {
  const delays = [0, 1, 2, 3, 4, 5, 9, 10, 40].map((n) => {
    const restarts = Array.from({ length: n }, (_, i) => ({ at: i, cause: 'crash' as const }));
    return nextDelay({ ...initialState(DEFAULTS, 0, 1), budget: { ...FRESH_BUDGET, restarts } }, { ...DEFAULTS, ...STEADY }, 100)
      .delayMs;
  });
  assert.deepEqual(delays, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 256_000, 300_000, 300_000]);
});

test('jitter only lengthens, and max caps it too', () => {
  let state = { ...initialState(DEFAULTS, 0, 7), budget: { ...FRESH_BUDGET, restarts: [{ at: 0, cause: 'crash' as const }] } };
  const policy = { ...DEFAULTS, backoff: { initialMs: 1_000, factor: 2, maxMs: 1_150, jitter: 0.2 } };
  const delays = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const { delayMs, seed } = nextDelay(state, policy, 100);
    state = { ...state, seed };
    delays.add(delayMs);
  }
  assert.ok(Math.min(...delays) >= 1_000 && Math.max(...delays) === 1_150);
  assert.ok(delays.size > 50);
});

test('the same seed gives the same numbers, spread over [0, 1)', () => {
  let seed = 3;
  let sum = 0;
  for (let i = 0; i < 10_000; i++) {
    const next = random(seed);
    assert.deepEqual(next, random(seed));
    seed = next.seed;
    sum += next.value;
  }
  assert.ok(Math.abs(sum / 10_000 - 0.5) < 0.02);
});

test('restarts slide out of the window with time; those of a process that never stood firm do not', () => {
  const budget = {
    ...FRESH_BUDGET,
    restarts: [
      { at: 0, cause: 'crash' as const },
      { at: 1, cause: '503' as const },
    ],
  };
  assert.equal(countRestarts({ budget }, DEFAULTS, 600_000), 2);
  assert.equal(countRestarts({ budget }, DEFAULTS, 600_001), 1);
  assert.equal(countRestarts({ budget: { ...budget, stableAt: 100 } }, DEFAULTS, 600_001), 0);
});

test('a first crash is left to PM2, and counted; the second one is spaced', () => {
  const story = Story.healthy(STEADY).at(200).crash();
  assert.equal(story.name, 'restarting');
  assert.deepEqual(story.driven(), []);
  story.at(200.1).online().at(200.2).ok().at(205).crash();
  assert.equal(story.name, 'unhealthy');
  assert.deepEqual(story.driven(), ['stop']);
  story.at(205.1).done('stop').at(205.9).tick();
  assert.deepEqual(story.driven(), []);
  story.at(206).tick();
  assert.equal(story.name, 'restarting');
  assert.deepEqual(story.driven(), ['start crash']);
});

test('an exit that is told twice is one crash', () => {
  const story = Story.healthy().at(200).crash().crash();
  story.at(200.1).online();
  assert.equal(story.name, 'starting');
  assert.equal(story.state.budget.restarts.length, 1);
});

test("PM2 was quicker than our stop: its start is not taken for an operator's", () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.1).online().at(201).crash().at(201.1).online();
  assert.equal(story.name, 'unhealthy');
  story.at(201.2).done('stop').at(202).tick();
  assert.deepEqual(story.driven(), ['stop', 'start crash']);
});

test('an exit that is told again while its start waits changes nothing', () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.1).online().at(201).crash();
  const before = story.state;
  story.driven();
  assert.deepEqual({ ...story.at(201.05).crash().state, lookedAt: before.lookedAt }, before);
  assert.deepEqual(story.driven(), []);
});

test('a crash while a restart waits is followed by a start of its own, spaced like any other', () => {
  const story = Story.healthy(STEADY).row(3, DOWN).at(101).online().ok().at(101.1).row(3, DOWN);
  assert.equal(story.name, 'unhealthy');
  story.driven();
  story.at(101.8).crash().at(101.9).done('stop').at(102.9).tick();
  assert.deepEqual(story.driven(), ['stop', 'start crash']);
  assert.equal(story.state.budget.restarts.length, 2);
});

test('a hang is killed at once, everything else is graceful', () => {
  assert.deepEqual(Story.healthy().row(3, TIMEOUT).driven(), ['kill hang']);
  assert.deepEqual(Story.healthy().row(3, DOWN).driven(), ['restart 503']);
});

test('the limit: stopped, a trial after the cool-down, exhausted again at its first failure', () => {
  const story = new Story({ ...STEADY, maxRestarts: 2 }).at(0).online().at(1).ok();
  story.at(10).crash().at(10.1).online().at(11).crash().at(11.1).done('stop').at(13).tick().at(13.1).online().at(13.5).crash();
  assert.equal(story.name, 'exhausted');
  assert.deepEqual(story.lines().at(-1)?.what, 'give-up');
  assert.deepEqual(story.driven(), ['stop', 'start crash', 'stop']);
  story.at(14).done('stop').at(913).tick();
  assert.equal(story.name, 'exhausted');
  story.at(914).tick().at(914.1).online().at(915).ok();
  story.at(944).ok();
  assert.deepEqual(story.said(), ['restart cool-down-over'], 'a trial may fail: it is not told to be well at its first answer');
  story.at(946).ok();
  assert.deepEqual(story.said(), ['recover recovered']);
  story.at(1_000).crash();
  assert.equal(story.name, 'exhausted');
  assert.deepEqual(
    story.said().filter((line) => line.startsWith('give-up')),
    ['give-up trial-failed'],
  );
});

test('after a trial the whole budget is back only when it was well for the length of the window', () => {
  const trial = () => {
    const story = new Story({ ...STEADY, maxRestarts: 1 })
      .at(0)
      .online()
      .at(1)
      .ok()
      .at(10)
      .crash()
      .at(10.1)
      .online()
      .at(11)
      .crash();
    return story.at(11.1).done('stop').at(1_000).tick().at(1_000.1).online().at(1_001).ok();
  };
  assert.equal(trial().at(1_500).ok().at(1_501).crash().name, 'exhausted');
  assert.equal(trial().at(1_602).ok().at(1_603).crash().name, 'restarting');
});

test('cool_down null: stopped until someone resets it; then it is started at once', () => {
  const story = new Story({ ...STEADY, maxRestarts: 1, coolDownMs: null }).at(0).online().at(1).ok();
  story.at(2).crash().at(2.1).online().at(3).crash().at(3.1).done('stop').at(90_000).tick();
  assert.equal(story.name, 'exhausted');
  story.driven();
  assert.deepEqual(story.command('reset').driven(), ['start operator']);
  assert.equal(story.state.budget.restarts.length, 0);
});

test('max_restarts 0: told, never restarted, and what still runs is not stopped', () => {
  const story = Story.healthy({ maxRestarts: 0 }).row(5, TIMEOUT);
  assert.equal(story.name, 'unhealthy');
  assert.deepEqual(story.driven(), []);
  story.crash();
  assert.equal(story.name, 'exhausted');
  assert.deepEqual(story.at(101.5).done('stop').at(100_000).tick().driven(), ['stop']);
});

test("an operator's restart is not counted, and what an operator stopped stays so", () => {
  const story = Story.healthy().command('restart');
  assert.deepEqual(story.driven(), ['restart operator']);
  story.at(101).online().ok();
  assert.equal(story.state.budget.restarts.length, 0);
  story.at(110).crash().stoppedByHand();
  assert.equal(story.name, 'stopped');
  for (let t = 111; t < 2_000; t += 50) story.at(t).tick();
  assert.deepEqual(story.driven(), []);
  assert.equal(story.online().name, 'starting');
});

test('an operator stops what lifeguard holds stopped: it is not started when it would have been due', () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.1).online().at(201).crash().at(201.1).done('stop');
  story.driven();
  story.at(201.5).stoppedByHand().at(300).tick();
  assert.equal(story.name, 'stopped');
  assert.deepEqual(story.driven(), []);
});

test('PM2 gave up on it: started again within the budget', () => {
  const story = Story.healthy(STEADY).at(200).seen(0, { phase: 'errored' });
  assert.deepEqual(
    story.lines().map(({ reason }) => reason.code),
    ['gave-up-by-pm2', 'gave-up-by-pm2'],
  );
  assert.deepEqual(story.driven(), ['start crash']);
});

test('PM2 could not restart it, or nothing came of it: due again after a backoff, and counted', () => {
  const story = Story.healthy(STEADY).row(3, DOWN).at(101).done('restart', 'timeout');
  assert.equal(story.name, 'unhealthy');
  story.driven();
  story.at(102).check(DOWN).at(102.1).tick();
  assert.deepEqual(story.driven(), ['restart 503']);
  story.at(103).done('restart').at(107.9).tick();
  assert.equal(story.name, 'restarting');
  assert.equal(story.at(108).tick().name, 'unhealthy');
});

test('a stop that PM2 did not carry out is asked for again', () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.1).online().at(201).crash();
  story.driven();
  story.done('stop', 'timeout').at(202.5).tick();
  assert.deepEqual(story.driven(), ['stop']);
});

test('the same last line at three ends in a row is said', () => {
  const story = Story.healthy(STEADY);
  for (const t of [200, 203, 210])
    story
      .at(t)
      .crash(null, 'ModuleNotFoundError: no module named x')
      .at(t + 0.2)
      .done('stop')
      .at(t + 2.5)
      .tick()
      .at(t + 2.6)
      .online();
  const last = story.lines().findLast(({ what }) => what === 'hold');
  assert.equal(last?.reason.code, 'repeated-error');
  assert.match(last?.reason.text ?? '', /3 times in a row, so a restart will not cure it: ModuleNotFoundError/);
});

test('a stranger on its port: blocked, nothing counted, started as soon as the port is free', () => {
  const story = Story.healthy().at(200).crash(STRANGER);
  assert.equal(story.name, 'blocked');
  assert.deepEqual(story.driven(), ['stop']);
  for (let t = 201; t < 260; t++) story.at(t).done('stop').event({ type: 'port', holder: STRANGER });
  assert.deepEqual(story.said(), []);
  story.at(260).event({ type: 'port', holder: null });
  assert.deepEqual(story.driven(), ['start crash']);
  assert.equal(story.state.budget.restarts.length, 0);
});

test('the port is free before our stop is done: it is started after that', () => {
  const story = Story.healthy().at(200).crash(STRANGER).at(200.01).event({ type: 'port', holder: null });
  assert.deepEqual(story.driven(), ['stop']);
  assert.deepEqual(story.at(200.2).done('stop').event({ type: 'port', holder: null }).driven(), ['start crash']);
});

test('a stranger on its port in a pause: PM2 goes on trying, and what comes up then is checked', () => {
  const story = Story.healthy();
  story.pause(600).at(110).crash(STRANGER);
  assert.equal(story.state.blocked, null);
  story.at(110.2).online().at(111).ok();
  assert.equal(story.state.checks.succeededAt, 111_000);
  assert.deepEqual(story.driven(), []);
});

test('an orphan of ours on its port is ended, then it is started', () => {
  const story = Story.healthy().at(200).crash(ORPHAN);
  assert.deepEqual(story.driven(), ['end-orphan', 'stop']);
  story.at(200.2).done('stop').at(200.5).event({ type: 'port', holder: ORPHAN });
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.at(201).event({ type: 'port', holder: null }).driven(), ['start crash']);
});

test('memory over the limit: a graceful restart, but not in its start', () => {
  const story = new Story({ maxMemoryBytes: 500 }).at(0).online().event({ type: 'memory', bytes: 600 });
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.at(1).ok().event({ type: 'memory', bytes: 600 }).driven(), ['restart memory']);
  assert.equal(story.state.budget.restarts.length, 1);
});

test('paused: checked, not acted upon; judged afresh afterwards', () => {
  const story = Story.healthy().pause(60);
  story.at(110).row(20, REFUSED).crash().at(120).online().row(5, REFUSED);
  assert.deepEqual(story.driven(), []);
  assert.equal(story.at(161).tick().name, 'starting');
  assert.equal(story.state.failures, null);
  assert.deepEqual(story.said(), ['resume paused']);
});

test('a pause that runs out goes back to where it would be: started, stopped, given up by PM2', () => {
  const paused = () => Story.healthy().pause(60).at(110);
  assert.equal(paused().stoppedByHand().at(161).tick().name, 'stopped');
  assert.equal(paused().at(160).crash().at(161).tick().name, 'restarting');
  assert.deepEqual(paused().seen(0, { phase: 'errored' }).at(161).tick().driven(), ['start crash']);
  assert.equal(paused().row(5, REFUSED).at(161).tick().name, 'healthy');
  assert.deepEqual(paused().command('restart').driven(), ['restart operator']);
  assert.equal(Story.healthy().row(2, REFUSED).pause(60).at(110).ok().command('resume').name, 'healthy');
});

test('a restart that waited when the pause began is off: it is looked at again first', () => {
  const story = Story.healthy(STEADY).row(3, DOWN).at(101).online().ok().at(101.1).row(3, DOWN);
  assert.equal(story.name, 'unhealthy');
  story.driven();
  story.at(101.7).pause(60).at(162).tick();
  assert.equal(story.name, 'suspect');
  assert.deepEqual(story.driven(), []);
  assert.deepEqual(story.row(3, DOWN).at(164).check(DOWN).driven(), ['restart 503']);
});

test('a pause keeps what was given up given up, and its cool-down goes on', () => {
  const story = new Story({ ...STEADY, maxRestarts: 1 }).at(0).online().at(1).ok().at(2).crash().at(2.1).online().at(3).crash();
  story.at(3.1).done('stop').pause(100).at(104).tick();
  assert.equal(story.name, 'exhausted');
  story.driven();
  assert.deepEqual(story.at(904).tick().driven(), ['start crash']);
});

test('one of several instances crashes: the others serve on, and the ended one alone is spaced', () => {
  const story = Story.healthy({ ...STEADY, instances: 2 });
  story.online(1).ok().at(100.5);
  story.crash(null, null, 1).at(100.6).online(1);
  assert.equal(story.name, 'healthy');
  assert.deepEqual(story.driven(), []);
  story.at(101).crash(null, null, 1);
  assert.equal(story.name, 'healthy');
  assert.deepEqual(
    story.actions.flatMap((action) => (action.type === 'operation' ? [`${action.kind} ${action.pmId}`] : [])),
    ['stop 1'],
  );
  story.driven();
  assert.deepEqual(story.at(101.2).done('stop').at(102).ok().driven(), ['start crash']);
  assert.equal(story.at(102.1).online(1).name, 'healthy');
});

test('an instance that gets up and ends again at once is one incident, though the others serve on', () => {
  const story = Story.healthy({ ...STEADY, instances: 2 });
  story.online(1).ok().at(100.5);
  story.crash(null, null, 1).at(100.6).online(1).at(100.7).ok().at(101).crash(null, null, 1);
  story.at(101.2).done('stop').at(102).ok().at(102.1).online(1).at(103).ok().at(106).ok();
  const recovers = story.said().filter((line) => line.startsWith('recover'));
  assert.deepEqual(recovers, ['recover recovered']);
});

test('four instances crash in the same instant: PM2 is kept from starting each of them at once, not one after the other', () => {
  const story = Story.healthy({ ...STEADY, instances: 4, maxRestarts: 2 });
  story.online(1).online(2).online(3).at(150).ok();
  for (const pmId of [0, 1, 2, 3]) story.at(200 + pmId / 1_000).crash(null, null, pmId);
  const stops = story.actions.flatMap((action) => (action.type === 'operation' ? [`${action.kind} ${action.pmId}`] : []));
  assert.deepEqual(stops, ['stop 1', 'stop 2', 'stop 3'], 'the first crash is left to PM2');
});

test('a crash while another instance is reloaded: PM2 is kept from starting it, whatever else it does for us', () => {
  const story = Story.healthy({ ...STEADY, instances: 2, maxRestarts: 2 });
  story.online(1).at(150).ok().at(160).crash(null, null, 1).at(160.1).online(1).at(200);
  story.command('restart');
  assert.deepEqual(story.driven(), ['reload operator']);
  story.at(200.5).crash(null, null, 1);
  assert.deepEqual(story.driven(), ['stop']);
});

test('a stop of what is down that PM2 refuses is asked for again a second later', () => {
  const story = Story.healthy({ ...STEADY, maxRestarts: 1 })
    .crash()
    .at(100.1)
    .online()
    .at(100.2)
    .crash();
  assert.deepEqual(story.driven(), ['stop']);
  assert.deepEqual(story.at(100.3).done('stop', 'refused').at(101).tick().driven(), []);
  assert.deepEqual(story.at(101.4).tick().driven(), ['stop']);
});

test('the failures before a give-up are not held against those that have their trial together', () => {
  const policy = { ...STEADY, instances: 2, maxRestarts: 1, withinMs: 60_000, startupTimeoutMs: 0, coolDownMs: 60_000 };
  const story = Story.healthy(policy);
  story.online(1).at(150).ok().at(151).row(3, REFUSED);
  story.online(0).at(152).done('reload').online(1).done('reload').at(153).row(3, REFUSED);
  assert.equal(story.name, 'exhausted');
  story.at(154).done('stop').at(154.2).done('stop').driven();
  story.at(220).tick().at(220.1).online(0).done('start').at(220.2).online(1).done('start');
  assert.deepEqual(story.driven(), ['start unreachable', 'start unreachable']);
  assert.equal(story.at(221).ok().name, 'healthy');
});

test('several instances restarted by hand one after the other: what the last old one answered says nothing of the new ones', () => {
  const story = Story.healthy({ instances: 3 });
  story.online(1).online(2).at(150).ok();
  story.at(200).online(0).at(200.3).online(1).at(200.35).ok().at(200.6).online(2);
  for (const at of [200.8, 201, 201.2, 201.4]) story.at(at).check(REFUSED);
  assert.deepEqual(story.driven(), [], 'they are starting, and have a minute to do so');
  story.at(203).ok();
  for (const at of [204, 204.2, 204.4]) story.at(at).check(REFUSED);
  assert.deepEqual(story.driven(), ['reload unreachable'], 'known to have come up: now it counts');
});

test('an operator restarts a cluster whose restart by lifeguard PM2 has just refused: what the old ones failed in is not held against the new ones', () => {
  const story = Story.healthy({ ...STEADY, instances: 2 });
  story.online(1).at(150).ok().at(199).online(0).at(199.5).ok();
  story.at(200).check(REFUSED).at(200.2).check(REFUSED).at(200.3).online(0).at(200.4).check(REFUSED);
  assert.deepEqual(story.driven(), ['reload unreachable']);
  story.at(200.5).done('reload', 'refused').at(200.8).online(1);
  for (const at of [201, 201.5, 202, 203]) story.at(at).check(REFUSED).tick();
  assert.deepEqual(story.driven(), [], 'they are starting, and have a minute to do so');
  assert.equal(story.at(204).ok().name, 'healthy');
});

test('a worker is stopped by hand while its cluster is young: the one that is left answers 500, and is restarted as soon as ever', () => {
  const story = Story.healthy({ instances: 2 });
  story.online(1).at(101).ok().at(102).stoppedByHand(1);
  for (const at of [102.2, 102.4, 102.6]) story.at(at).check(answer(500));
  assert.deepEqual(story.driven(), ['reload unreachable']);
});

test('a hang of the cluster while one of it is still starting: the others are killed, and that one, the first to be back, is left alone', () => {
  const story = Story.healthy({ instances: 3 });
  story.online(1).online(2).at(200).ok().at(201).seen(2, { phase: 'stopped' }, [], [2]).at(202).online(2).at(206);
  for (let i = 0; i < 4; i++) story.at(206 + i * 5).check({ kind: 'timeout', latencyMs: 5_000 });
  const targets = story.state.operation;
  assert.deepEqual([targets?.target.pmId, ...(targets?.rest ?? []).map(({ pmId }) => pmId)], [0, 1]);
});

test('one of several instances is new and boots: the one that was there is judged at once', () => {
  const story = Story.healthy({ instances: 2 });
  story.online(1).at(150).ok();
  story.at(200).online(1);
  for (const at of [200.2, 200.4, 200.6]) story.at(at).check(REFUSED);
  assert.deepEqual(story.driven(), ['reload unreachable']);
});

test('a flapping backend is one incident; a first restart is over at its first success', () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.1).online().at(200.2).ok();
  assert.deepEqual(story.said(), ['fail crashed', 'restart crashed', 'recover recovered']);
  for (const [crashAt, startAt] of [
    [210, 211],
    [211.9, 213.1],
    [215, 217.2],
  ] as const)
    story
      .at(crashAt)
      .crash()
      .at(crashAt + 0.2)
      .done('stop')
      .at(startAt)
      .tick()
      .at(startAt + 0.1)
      .online()
      .at(startAt + 0.2)
      .ok();
  const incidents = new Set(story.lines().map(({ incident }) => incident));
  assert.deepEqual([...incidents], [2]);
  story.at(260).ok();
  const recovery = story.lines().at(-1);
  assert.equal(recovery?.what, 'recover');
  assert.equal(recovery?.sinceFailureMs, 7_400);
});

test('refused in a restart of ours is no failure: no verdict before the new process', () => {
  const story = Story.healthy().row(3, DOWN);
  story.driven();
  story.at(101).row(10, REFUSED);
  assert.equal(story.name, 'restarting');
  assert.deepEqual(story.driven(), []);
});

test('an operator stops what has an incident: that is its end, and nothing is well again for it', () => {
  const story = Story.healthy().row(3, DOWN);
  story.said();
  assert.deepEqual(story.at(110).stoppedByHand().said(), ['stop operator']);
  assert.equal(story.state.incident, null);
  assert.deepEqual(story.at(2_000).online().at(2_001).ok().said(), []);
});

test('stopped and started by hand while a restart gathers its evidence: it runs, and nothing is undone', () => {
  const story = Story.healthy(STEADY);
  story.gathersEvidence = true;
  story.at(200).row(3, answer(503));
  assert.equal(story.state.operation?.kind, 'restart');
  story.at(201).stoppedByHand();
  assert.equal(story.state.operation, null);
  story.at(201.5).online();
  assert.equal(story.state.children[0]?.plan.is, 'run');
  story.asked().at(202).ok();
  assert.equal(story.name, 'healthy');
  // The stop and the start are heard of in one go.
  story.at(300).row(3, answer(503));
  story.at(301).seen(0, { phase: 'up', incarnation: 'by hand', upAt: 301_000 }, [], [0]);
  story.at(302).ok();
  assert.equal(story.name, 'healthy');
  assert.equal(story.state.operation, null);
});

test('stopped by hand while PM2 is at a restart: what comes of that is stopped again', () => {
  const story = Story.healthy(STEADY).at(200).row(3, answer(503));
  assert.equal(story.state.operation?.kind, 'restart');
  story.at(201).stoppedByHand().at(201.5).online();
  assert.equal(story.state.children[0]?.plan.is, 'left');
  assert.equal(story.state.operation?.kind, 'stop');
});

test('of several, the next is started when PM2 has done the one before, though somebody else started that meanwhile', () => {
  const story = Story.healthy(STEADY).online(1).at(200).stoppedByHand(0).stoppedByHand(1);
  story.at(300).command('restart');
  assert.equal(story.state.operation?.target.pmId, 0);
  story.at(300.1).online(0);
  assert.equal(story.state.operation?.target.pmId, 0);
  story.at(300.2).done('start');
  assert.equal(story.state.operation?.target.pmId, 1);
});

test('what PM2 has started too soon and will not stop is let run once its time has come', () => {
  const story = Story.healthy(STEADY).at(200).crash().at(200.2).online(0, false).at(201).ok().at(202).crash();
  assert.equal(story.state.children[0]?.plan.is, 'parked');
  story.at(202.1).done('stop', 'it was refused').at(202.2).online();
  for (let at = 202.3; at < 220; at += 0.3) {
    story.at(at).ok();
    if (story.state.operation !== null) story.done('stop', 'it was refused');
  }
  assert.equal(story.state.children[0]?.plan.is, 'run');
  assert.equal(story.name, 'healthy');
});

test('what PM2 started too soon is told as it is: no line calls it stopped', () => {
  for (const instances of [1, 2]) {
    const story = Story.healthy({ ...STEADY, instances });
    if (instances === 2) story.online(1);
    story.at(200).crash().at(200.2).online(0, false).at(201).ok().at(202).crash().at(202.1).said();
    const [told] = story.online().lines();
    assert.ok(told?.what === 'restart' && told.to !== 'stopped', JSON.stringify(told));
  }
});

test('stopped by hand while PM2 is at a reload that it never answers, and started again seconds later: it runs', () => {
  const story = Story.healthy({ ...STEADY, instances: 2 })
    .online(1)
    .at(200)
    .command('restart');
  assert.equal(story.state.operation?.kind, 'reload');
  story.at(203).stoppedByHand(0).stoppedByHand(1).at(206).online(0).online(1).at(207).ok();
  assert.deepEqual(
    story.state.children.map(({ plan }) => plan.is),
    ['run', 'run'],
  );
});

test('PM2 stood still and makes a restart after its app was given up: that is no start by hand, and is undone', () => {
  const story = Story.healthy({ ...STEADY, maxRestarts: 1 })
    .at(200)
    .row(3, answer(503));
  story.at(207).done('restart', 'no answer within 7 s', true);
  story.at(208).tick().at(210).row(3, answer(503)).tick();
  assert.equal(story.name, 'exhausted');
  story.at(211).done('stop').at(211.1).online();
  assert.equal(story.name, 'exhausted');
  assert.equal(story.state.operation?.kind, 'stop');
  story.done('stop').at(300).online();
  assert.notEqual(story.name, 'exhausted');
});
