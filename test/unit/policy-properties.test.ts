import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action, JournalEntry } from '../../src/policy/action.ts';
import { type Decision, decide } from '../../src/policy/decide.ts';
import type { Event } from '../../src/policy/event.ts';
import { isGateOpen } from '../../src/policy/judge.ts';
import { nextTickMs } from '../../src/policy/next-tick.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { fromSnapshot, shiftTimes, toSnapshot } from '../../src/policy/snapshot.ts';
import { type BackendState, initialState } from '../../src/policy/state.ts';
import { eventOf, type Move, moves, policies } from '../support/policy-moves.ts';

/** The same lives every time; `RUNS=20000` looks at so many others. */
const RUNS = process.env.RUNS ? { numRuns: Number(process.env.RUNS) } : { numRuns: 500, seed: 12 };

interface Step {
  readonly now: number;
  readonly event: Event;
  readonly before: BackendState;
  readonly after: BackendState;
  readonly actions: readonly Action[];
}

test('no event makes decide throw, and nothing that it is given is changed', () => {
  everyLife((steps) => assert.ok(steps.length > 0));
});

test('never more than max_restarts in any window, whatever the causes', () => {
  everyLife((steps, policy) => {
    const trialsCount = policy.coolDownMs !== null && policy.coolDownMs >= policy.withinMs;
    let times: number[] = [];
    for (const { now, event, actions } of steps) {
      if (event.type === 'command' && event.command.name === 'reset') times = [];
      for (const { cause, reason } of restartLines(actions)) {
        if (cause === 'operator' || reason.code === 'port-free' || (reason.code === 'cool-down-over' && !trialsCount)) continue;
        times = [...times.filter((at) => now - at < policy.withinMs), now];
        assert.ok(times.length <= policy.maxRestarts, `${times.length} restarts within ${policy.withinMs} ms at ${now}`);
      }
    }
  });
});

test('no restart while paused, starting, restarting, or for a 503 while a dependency is known to be down', () => {
  everyLife((steps, policy) => {
    for (const { now, event, before, after, actions } of steps) {
      for (const action of actions) {
        if (action.type !== 'restart' && action.type !== 'kill') continue;
        if (action.cause === 'operator') continue;
        if (before.name === 'paused') assert.equal(after.pause, null, 'restarted within the pause');
        assert.notEqual(before.name, 'restarting');
        if (before.name === 'starting')
          assert.ok(isGateOpen(before, policy, now) || isSuccess(event, before, after), 'restarted in its start-up');
        // What is not there at all, as a restart of it came to nothing, is started whatever its dependencies do.
        if (action.cause !== '503' || before.process !== 'up') continue;
        const down = Object.values(after.dependencies).filter(({ up }) => !up);
        assert.deepEqual(down, [], 'restarted for a 503 though a dependency is down');
      }
    }
  });
});

test('what an operator stopped is never started', () => {
  everyLife((steps) => {
    for (const { event, before, actions } of steps) {
      if (before.name !== 'stopped' || event.type === 'command' || event.type === 'online') continue;
      assert.deepEqual(
        actions.filter(({ type }) => type !== 'journal'),
        [],
      );
    }
  });
});

test('a hang is only what had no answer at all', () => {
  everyLife((steps, { failureThreshold }) => {
    for (const { now, after, actions } of steps) {
      const kill = actions.find(({ type }) => type === 'kill');
      if (kill === undefined) continue;
      const answeredAt = steps.filter((s) => s.now <= now && gotAnswer(s)).at(-1)?.now ?? Number.NEGATIVE_INFINITY;
      const timeouts = steps.filter((s) => s.now <= now && s.now >= answeredAt && gotTimeout(s));
      assert.ok(timeouts.length >= failureThreshold || after.attempt?.how === 'kill', 'killed though it had answered');
    }
  });
});

test('a second tick at the same time decides nothing, and changes nothing', () => {
  everyLife((steps, policy) => {
    for (const { now, after } of steps) {
      const again = decide(after, { type: 'tick' }, policy, now);
      assert.equal(again.state, after);
      assert.deepEqual(again.actions, []);
    }
  });
});

test('every action that drives PM2 has its line in the journal, and no line is said twice in a row', () => {
  everyLife((steps) => {
    let last: JournalEntry | null = null;
    for (const { actions } of steps) {
      const drives = actions.filter(({ type }) => type === 'restart' || type === 'kill' || type === 'start').length;
      assert.ok(drives <= 1);
      assert.ok(restartLines(actions).length >= drives);
      for (const action of actions) {
        if (action.type !== 'journal') continue;
        if (
          action.entry.what === 'hold' &&
          action.entry.reason.code !== 'backoff' &&
          action.entry.reason.code !== 'repeated-error'
        ) {
          assert.notDeepEqual(last && saidOf(last), saidOf(action.entry));
        }
        last = action.entry;
      }
    }
  });
});

test('incidents are numbered one after the other, and end before the next begins', () => {
  everyLife((steps) => {
    for (const { before, after } of steps) {
      assert.ok(after.incidents >= before.incidents);
      if (after.incidents > before.incidents) assert.equal(after.incidents, before.incidents + 1);
      if (after.incident !== null) assert.equal(after.incident.number, after.incidents);
      if (after.name === 'unhealthy' || after.name === 'exhausted') assert.notEqual(after.incident, null);
    }
  });
});

test('a state that is saved and restored, on another clock, goes on to the same decisions', () => {
  fc.assert(
    fc.property(
      policies,
      moves,
      fc.integer({ min: -1e7, max: 1e7 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (policy, life, shift, where) => {
        const steps = live(policy, life);
        const cut = Math.floor(where * (steps.length - 1));
        const at = steps[cut];
        if (at === undefined) return;
        const written = JSON.parse(JSON.stringify(toSnapshot(at.after, at.now, 5_000)));
        const restored = fromSnapshot(written, policy, at.now + shift, 5_000);
        assert.ok(restored.state, restored.warning ?? '');
        let state = restored.state;
        for (const step of steps.slice(cut + 1)) {
          const decided = decide(state, shiftEvent(step.event, shift), policy, step.now + shift);
          state = decided.state;
          assert.deepEqual(decided.actions, step.actions);
          assert.deepEqual(state, JSON.parse(JSON.stringify(shiftTimes(step.after, shift))));
        }
      },
    ),
    RUNS,
  );
});

test('from wherever it is, with a world that works from now on, it becomes healthy, unless someone has to decide that', () => {
  everyLife((steps, policy) => {
    const last = steps.at(-1);
    if (last === undefined) return;
    const end = nurse(last.after, policy, last.now);
    const isHeldDown =
      end.name === 'unhealthy' &&
      end.process !== 'up' &&
      (end.hold?.code === 'not-in-restart-on' || end.hold?.code === 'limit-reached');
    const isOver = end.name === 'exhausted' && (policy.coolDownMs === null || policy.maxRestarts === 0);
    assert.ok(end.name === 'healthy' || end.name === 'stopped' || isHeldDown || isOver, `stuck in ${end.name} (${end.process})`);
  });
});

test('with failures that last, it does not stay unhealthy without a restart, a hold or giving up', () => {
  everyLife((steps, policy) => {
    const last = steps.at(-1);
    if (last === undefined || last.after.name !== 'unhealthy' || last.after.process !== 'up') return;
    let { after: state, now } = last;
    const until = now + policy.backoff.maxMs + 20_000;
    state = decide(state, { type: 'fleet', word: 'go', reason: '' }, policy, now).state;
    while (state.name === 'unhealthy' && state.hold === null && now < until) {
      now += 1_000;
      const observation = {
        liveness: { kind: 'refused', latencyMs: 1 },
        readiness: null,
        startedAt: now - 1,
        incarnation: state.incarnation,
      } as const;
      state = decide(state, { type: 'check', observation }, policy, now).state;
    }
    assert.ok(state.name !== 'unhealthy' || state.hold !== null);
  });
});

/** A shell and a PM2 without a fault around a backend that is well: what lifeguard then makes of a state. */
function nurse(from: BackendState, policy: Policy, start: number): BackendState {
  let [state, now] = [from, start];
  const tell = (event: Event): Decision => {
    const decided = decide(state, event, policy, now);
    state = decided.state;
    return decided;
  };
  tell({ type: 'fleet', word: 'go', reason: '' });
  for (const name of Object.keys(state.dependencies)) tell({ type: 'dependency', name, up: true, detail: '' });
  const until = now + 400_000;
  for (let n = 0; now < until && state.name !== 'healthy' && state.name !== 'stopped'; n++) {
    now += Math.min(60_000, Math.max(250, nextTickMs(state, policy, now) ?? 250));
    if (state.name === 'blocked' && state.process === 'parked') tell({ type: 'port', holder: null });
    else if (state.process === 'stopping') tell({ type: 'performed', action: 'stop', error: null });
    else if (state.process === 'gone') tell({ type: 'online', incarnation: `n${n}`, startedAt: now });
    else if (state.process === 'up') {
      tell({
        type: 'check',
        observation: { liveness: WELL, readiness: null, startedAt: now - 1, incarnation: state.incarnation },
      });
    } else tell({ type: 'tick' });
  }
  return state;
}

const WELL = { kind: 'answer', status: 200, latencyMs: 1, retryAfterMs: null, json: null, excerpt: '' } as const;

function everyLife(check: (steps: readonly Step[], policy: Policy) => void): void {
  fc.assert(
    fc.property(policies, moves, (policy, life) => check(live(policy, life), policy)),
    RUNS,
  );
}

function live(policy: Policy, life: readonly Move[]): Step[] {
  let [before, now] = [freeze(initialState(policy, 0, 42)), 0];
  const steps: Step[] = [];
  for (const move of life) {
    now += move.afterMs;
    const event = freeze(eventOf(move, before, now));
    const { state: after, actions } = decide(before, event, policy, now);
    steps.push({ now, event, before, after: freeze(after), actions });
    before = after;
  }
  return steps;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

function restartLines(actions: readonly Action[]): JournalEntry[] {
  return actions.flatMap((action) => (action.type === 'journal' && action.entry.what === 'restart' ? [action.entry] : []));
}

function saidOf({ what, incident, cause, reason }: JournalEntry) {
  return { what, incident, cause, code: reason.code };
}

function isSuccess(event: Event, before: BackendState, after: BackendState): boolean {
  return event.type === 'check' && before.cameUpAt === null && after.cameUpAt !== null;
}

function gotAnswer({ event, before }: Step): boolean {
  return (
    event.type === 'check' && event.observation.incarnation === before.incarnation && event.observation.liveness.kind === 'answer'
  );
}

function gotTimeout({ event, before }: Step): boolean {
  return (
    event.type === 'check' &&
    event.observation.incarnation === before.incarnation &&
    event.observation.liveness.kind === 'timeout'
  );
}

function shiftEvent(event: Event, by: number): Event {
  if (event.type === 'online') return { ...event, startedAt: event.startedAt + by };
  if (event.type !== 'check') return event;
  return { ...event, observation: { ...event.observation, startedAt: event.observation.startedAt + by } };
}
