import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action, JournalEntry, OperationAction } from '../../../src/policy/action.ts';
import { answering } from '../../../src/policy/children.ts';
import { type Decision, decide } from '../../../src/policy/decide.ts';
import type { Event, SeenChild } from '../../../src/policy/event.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { fromSnapshot, shiftTimes, toSnapshot } from '../../../src/policy/snapshot.ts';
import { type BackendState, initialState } from '../../../src/policy/state.ts';
import { nextTickMs } from '../../../src/policy/timing/next-tick.ts';
import { eventOf, type Move, moves, policies } from '../../support/policy-moves.ts';

/** The same lives every time; `RUNS=20000` looks at so many others. */
const RUNS = process.env.RUNS ? { numRuns: Number(process.env.RUNS) } : { numRuns: 150, seed: 12 };

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

test('never more than max_restarts in any window, whatever the causes; what PM2 does alone is counted with it', () => {
  everyLife((steps, policy) => {
    const trialsCount = policy.coolDownMs !== null && policy.coolDownMs >= policy.withinMs;
    let times: number[] = [];
    for (const { now, event, before, after, actions } of steps) {
      if (event.type === 'command' && event.command.name === 'reset') times = [];
      if (before.budget.restarts.length > 0 && after.budget.restarts.length === 0) times = [];
      for (const { cause, reason } of restartLines(actions)) {
        const isFree = reason.code === 'port-free' || reason.code === 'orphan' || reason.code === 'dependency-down';
        const isPm2s = reason.text.startsWith('PM2 started it before');
        if (cause === 'operator' || isFree || isPm2s || (reason.code === 'cool-down-over' && !trialsCount)) continue;
        times = [...times.filter((at) => now - at < policy.withinMs), now];
        assert.ok(times.length <= policy.maxRestarts, `${times.length} restarts within ${policy.withinMs} ms at ${now}`);
      }
    }
  });
});

test('never two operations at one time, and each is of a child as it was known then', () => {
  everyLife((steps) => {
    for (const { before, after, actions } of steps) {
      // A stop of what is down only keeps PM2 from starting it.
      const begun = operations(actions).filter(({ id }) => !after.children.some(({ stopAsked }) => stopAsked?.id === id));
      assert.ok(begun.length <= 1 || after.operation?.id === begun.at(-1)?.id);
      const [first] = begun;
      if (first === undefined) continue;
      assert.ok(before.operation === null || before.operation.id < first.id);
      assert.ok(after.children.some(({ pmId }) => pmId === first.pmId));
    }
  });
});

test('no restart in a pause, in a restart, or for a 503 while a dependency is known to be down', () => {
  everyLife((steps) => {
    for (const { before, after, actions } of steps) {
      for (const { kind, cause } of operations(actions)) {
        if (cause === 'operator') continue;
        if (before.pause !== null) assert.equal(after.pause, null, `a ${kind} within the pause`);
        if (kind === 'stop' || kind === 'halt' || kind === 'start' || cause !== '503') continue;
        // The rest of a cluster follows what was begun.
        if (before.operation?.cause === '503') continue;
        const down = Object.values(after.dependencies).filter(({ up }) => !up);
        assert.deepEqual(down, [], 'restarted for a 503 though a dependency is down');
      }
    }
  });
});

test('what an operator stopped is never started, and never counted', () => {
  everyLife((steps) => {
    for (const { event, before, actions } of steps) {
      if (before.name !== 'stopped' || event.type === 'command' || event.type === 'processes' || before.restartAsked) continue;
      assert.deepEqual(
        operations(actions).filter(({ kind }) => kind !== 'stop'),
        [],
      );
    }
  });
});

test('a hang is only what had no answer at all', () => {
  everyLife((steps, { failureThreshold }) => {
    for (const [i, { before, actions }] of steps.entries()) {
      const kill = operations(actions).find(({ kind }) => kind === 'kill');
      if (kill === undefined || before.operation?.kind === 'kill' || before.judgement.name === 'unhealthy') continue;
      const answered = steps.slice(0, i + 1).findLastIndex((step) => gotAnswer(step));
      const timeouts = steps.slice(answered + 1, i + 1).filter((step) => gotTimeout(step));
      assert.ok(timeouts.length >= failureThreshold, 'killed though it had answered');
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

test('every restart and every start has its line in the journal, and no hold is said twice in a row', () => {
  everyLife((steps) => {
    let last: JournalEntry | null = null;
    for (const { before, actions } of steps) {
      for (const { kind, cause, reason } of operations(actions)) {
        const isNext = before.operation?.cause === cause && before.operation.reason.text === reason.text;
        if (kind !== 'stop' && kind !== 'halt' && !isNext) assert.ok(restartLines(actions).length > 0, kind);
      }
      for (const action of actions) {
        if (action.type !== 'journal') continue;
        const { what, reason } = action.entry;
        if (
          what === 'hold' &&
          reason.code !== 'backoff' &&
          reason.code !== 'repeated-error' &&
          reason.code !== 'not-in-restart-on'
        )
          assert.notDeepEqual(last && saidOf(last), saidOf(action.entry));
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
      const isTold = after.children.every(({ untold }) => untold === null);
      if (isTold && (after.name === 'unhealthy' || after.name === 'exhausted')) assert.notEqual(after.incident, null);
    }
  });
});

test('a state that is saved and restored is the same on another clock, but for what has to be seen anew', () => {
  fc.assert(
    fc.property(policies, moves, fc.integer({ min: -1e7, max: 1e7 }), (policy, life, shift) => {
      const at = live(policy, life).at(-1);
      if (at === undefined) return;
      const written = JSON.parse(JSON.stringify(toSnapshot(at.after, at.now, 5_000)));
      const { state, warning } = fromSnapshot(written, policy, at.now + shift, 5_000);
      assert.ok(state, warning ?? '');
      const asked = (children: BackendState['children']) =>
        children.map((child) => ({ ...child, stopAsked: null, lateUntil: null }));
      const kept = ({
        operation: _o,
        lookedAt: _l,
        failures: _f,
        faultAt: _a,
        judgement: _j,
        children,
        ...rest
      }: BackendState) => ({
        ...rest,
        children: asked(children),
      });
      assert.deepEqual(kept(state), kept(JSON.parse(JSON.stringify(shiftTimes(at.after, shift)))));
    }),
    RUNS,
  );
});

test('from wherever it is, with a world that works from now on, it becomes healthy, unless someone has to decide that', () => {
  everyLife((steps, policy) => {
    const last = steps.at(-1);
    if (last === undefined) return;
    const end = nurse(last.after, policy, last.now);
    const isHeldDown = end.children.some(({ plan }) => plan.is === 'parked' && plan.due === null);
    const isOver =
      end.children.some(({ plan }) => plan.is === 'given-up') && (policy.coolDownMs === null || policy.maxRestarts === 0);
    const isFine = end.name === 'healthy' || end.name === 'unchecked' || end.name === 'stopped';
    assert.ok(
      isFine || isHeldDown || isOver,
      `stuck in ${end.name}: ${JSON.stringify(end.children)} ${JSON.stringify(end.judgement)}`,
    );
  });
});

test('with failures that last, it does not stay unhealthy without a restart, a hold or giving up', () => {
  everyLife((steps, policy) => {
    const last = steps.at(-1);
    if (last === undefined || last.after.name !== 'unhealthy' || answering(last.after).length === 0) return;
    let { after: state, now } = last;
    const until = now + policy.backoff.maxMs + 20_000;
    state = decide(state, { type: 'fleet', word: 'go', reason: '' }, policy, now).state;
    const waits = () => state.name === 'unhealthy' && state.judgement.name === 'unhealthy' && state.judgement.hold === null;
    while (waits() && now < until) {
      now += 1_000;
      const observation = { liveness: { kind: 'refused', latencyMs: 1 }, readiness: null, startedAt: now - 1 } as const;
      state = decide(state, { type: 'check', observation }, policy, now).state;
    }
    assert.ok(!waits());
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
  const processes = (change: (child: SeenChild) => SeenChild): void => {
    const children = state.children.map(({ pmId, incarnation, phase, upAt, eager }) =>
      change({ pmId, incarnation, phase, upAt, eager }),
    );
    tell({ type: 'processes', children, ended: [], byHand: [] });
  };
  const up = (child: SeenChild): SeenChild => ({ ...child, incarnation: `${child.pmId}@n${now}`, phase: 'up', upAt: now });
  tell({ type: 'fleet', word: 'go', reason: '' });
  for (const name of Object.keys(state.dependencies)) tell({ type: 'dependency', name, up: true, detail: '' });
  const until = now + 400_000;
  while (now < until && state.name !== 'healthy' && state.name !== 'stopped') {
    now += Math.min(60_000, Math.max(250, nextTickMs(state, policy, now) ?? 250));
    tell({ type: 'port', holder: null });
    tell({ type: 'looked', askedAt: now });
    const { operation } = state;
    if (operation !== null) {
      const { pmId } = operation.target;
      const stops = operation.kind === 'stop' || operation.kind === 'halt';
      processes((child) => (child.pmId !== pmId ? child : stops ? { ...child, phase: 'stopped' } : up(child)));
      tell({ type: 'performed', id: operation.id, error: null });
    }
    for (const { stopAsked } of state.children)
      if (stopAsked !== null) tell({ type: 'performed', id: stopAsked.id, error: null });
    // PM2 does what it is expected to do.
    const awaited = state.children.filter(({ plan, phase }) => plan.is === 'run' && (phase === 'down' || phase === 'stopping'));
    processes((child) =>
      child.phase === 'stopping' && !awaited.some(({ pmId }) => pmId === child.pmId) ? { ...child, phase: 'stopped' } : child,
    );
    if (state.children.some(({ phase }) => phase === 'waiting'))
      processes((child) => (child.phase === 'waiting' ? { ...child, phase: 'up', upAt: now } : child)); // what it waits for is there
    if (awaited.length > 0) processes((child) => (awaited.some(({ pmId }) => pmId === child.pmId) ? up(child) : child));
    if (answering(state).length > 0) tell({ type: 'check', observation: { liveness: WELL, readiness: null, startedAt: now } });
    else tell({ type: 'tick' });
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

function operations(actions: readonly Action[]): OperationAction[] {
  return actions.flatMap((action) => (action.type === 'operation' ? [action] : []));
}

function gotAnswer({ event }: Step): boolean {
  return event.type === 'check' && event.observation.liveness.kind === 'answer';
}

function gotTimeout({ event }: Step): boolean {
  return event.type === 'check' && event.observation.liveness.kind === 'timeout';
}
