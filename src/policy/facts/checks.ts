import { answering } from '../children.ts';
import { classify, type Result } from '../judging/classify.ts';
import { overloadAfter } from '../judging/overload.ts';
import type { Observation } from '../observation.ts';
import type { Checks } from '../state.ts';
import { checkWarning } from '../telling/reasons.ts';
import { change, journal, type Turn } from '../turn.ts';
import { afterFailure, isStale } from './failures.ts';

/** A new success weighs this much in the typical latency. */
const LATENCY_WEIGHT = 0.2;

/** Records what one check found. What is void, of children that are gone, or older than what is known says nothing. */
export function recordCheck(turn: Turn, observation: Observation): Turn {
  const { state, policy } = turn;
  const { startedAt } = observation;
  const lastStartedAt = Math.max(startedAt, state.checks.lastStartedAt ?? startedAt);
  const checks = state.checks.lastStartedAt === lastStartedAt ? state.checks : { ...state.checks, lastStartedAt };
  const couldAnswer = startedAt >= (checks.since ?? startedAt) && answering(state).some(({ upAt }) => upAt <= startedAt);
  const result: Result = couldAnswer ? classify(observation, policy) : { kind: 'void' };
  switch (result.kind) {
    case 'void':
      return change(turn, { checks });
    case 'success':
      return warnOnce(succeed(turn, checks, startedAt), result.warning);
    case 'misconfigured':
      return change(turn, { checks: oddAnswer(checks, result.text, turn.now), failures: null, overload: null });
    case 'failure':
      return isStale(checks, result, startedAt) ? change(turn, { checks }) : fail(turn, checks, result, startedAt);
  }
}

function oddAnswer(checks: Checks, text: string, now: number): Checks {
  return { ...checks, odd: { count: (checks.odd?.count ?? 0) + 1, text }, answeredAt: now, successes: 0 };
}

/** A success ends any row of failures, also one from a check that was started before they were: it is an answer in between. */
function succeed(turn: Turn, checks: Checks, startedAt: number): Turn {
  const { now } = turn;
  const took = Math.max(0, now - startedAt);
  const { typicalMs, cameUpAt, successes } = checks;
  return change(turn, {
    checks: {
      ...checks,
      cameUpAt: cameUpAt ?? now,
      provenAt: Math.max(startedAt, checks.provenAt ?? startedAt),
      answeredAt: now,
      succeededAt: now,
      successes: successes + 1,
      odd: null,
      typicalMs: typicalMs === null ? took : typicalMs + LATENCY_WEIGHT * (took - typicalMs),
    },
    failures: null,
    overload: null,
    deaths: null,
  });
}

function fail(turn: Turn, checks: Checks, result: Extract<Result, { kind: 'failure' }>, startedAt: number): Turn {
  const { state, policy, now } = turn;
  return change(turn, {
    checks: { ...checks, successes: 0, odd: null, answeredAt: result.answered ? now : checks.answeredAt },
    failures: afterFailure(state.failures, result, startedAt, now),
    overload: overloadAfter(state.overload, result, policy, now),
  });
}

/** It answers, and something about the check wants a look: one line for these children. */
function warnOnce(turn: Turn, warning: string | null): Turn {
  const { checks } = turn.state;
  if (warning === null || checks.warned) return turn;
  return journal(change(turn, { checks: { ...checks, warned: true } }), 'warn', null, checkWarning(warning));
}
