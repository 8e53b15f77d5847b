import { answering, planned } from '../children.ts';
import type { Command } from '../event.ts';
import { FRESH_BUDGET, type Plan } from '../state.ts';
import { byOperator, paused, reason } from '../telling/reasons.ts';
import { change, journal, judged, type Turn } from '../turn.ts';
import { begin, targetOf } from './operation.ts';

const RESTART_ASKED = byOperator('An operator asked lifeguard to restart it; that is not counted.');
const START_ASKED = byOperator('Started after the reset.');

/** What an operator asks of lifeguard itself; done in a pause, too. */
export function recordCommand(turn: Turn, command: Command): Turn {
  switch (command.name) {
    case 'restart':
      return change(turn, { restartAsked: command.reason ?? true });
    case 'reset':
      return reset(turn);
    case 'pause': {
      const until = turn.now + command.forMs;
      return journal(change(turn, { pause: { until } }), 'pause', 'operator', paused(command.forMs));
    }
    case 'resume':
      return turn.state.pause === null ? turn : resume(turn);
  }
}

/** As soon as PM2 has its hands free; never counted. What stands still is started, what runs is restarted. */
export function restartAsAsked(turn: Turn): Turn {
  const { state, policy, now } = turn;
  if (!state.restartAsked || state.operation !== null) return turn;
  const running = answering(state);
  const why = state.restartAsked === true ? RESTART_ASKED : state.restartAsked;
  const due = { at: now, cause: 'operator', reason: why, delayMs: 0, counted: false } as const;
  const plan: Plan = { is: 'parked', due, reason: why };
  const children = planned(state.children, (child) => (isStandingStill(child.plan, running.length) ? plan : null));
  const asked = change(turn, { restartAsked: false, children, blocked: null, lookedAt: now });
  const idle = change(judged(asked, { name: 'starting' }), { failures: null });
  if (running.length === 0) return idle;
  const kind = policy.instances > 1 ? 'reload' : 'restart';
  const counted = change(idle, { budget: { ...state.budget, lastAt: now } });
  return begin(counted, { kind, cause: 'operator', reason: why, targets: running.map(targetOf), line: 'operator' });
}

/** What an operator stopped is started only if nothing else is left to restart. */
function isStandingStill(plan: Plan, running: number): boolean {
  return plan.is === 'left' ? running === 0 : plan.is !== 'run';
}

/** Clears the window, the backoff and the trial, and lets what is held back or given up have another try. */
function reset(turn: Turn): Turn {
  const { state, now } = turn;
  const children = state.children.map((child) => ({ ...child, trialSince: null, plan: tryNow(child.plan, now) }));
  const { judgement } = state;
  const cleared = change(turn, {
    budget: { ...FRESH_BUDGET, lastAt: state.budget.lastAt },
    cure: null,
    lastError: null,
    deaths: null,
    children,
    judgement:
      judgement.name === 'unhealthy' && judgement.due !== null ? { ...judgement, due: { ...judgement.due, at: now } } : judgement,
  });
  return journal(cleared, 'reset', 'operator', byOperator('An operator reset it: the whole budget is back.'));
}

function tryNow(plan: Plan, now: number): Plan {
  if (plan.is === 'parked' && plan.due !== null) return { ...plan, due: { ...plan.due, at: Math.min(now, plan.due.at) } };
  if (plan.is !== 'given-up') return plan;
  return {
    is: 'parked',
    due: { at: now, cause: 'operator', reason: START_ASKED, delayMs: 0, counted: false },
    reason: START_ASKED,
  };
}

/** In a pause only time counts, and what an operator asks for. */
export function endPause(turn: Turn): Turn {
  const { pause } = turn.state;
  return pause !== null && turn.now >= pause.until ? resume(turn) : turn;
}

/** What was seen in the pause is judged afresh; what waited when it began goes on. */
function resume(turn: Turn): Turn {
  const { judgement, checks } = turn.state;
  const isDown = judgement.name === 'unhealthy' || judgement.name === 'degraded';
  const back = change(turn, {
    pause: null,
    failures: null,
    checks: { ...checks, odd: null },
    judgement: isDown ? { name: 'suspect', wellSince: null } : judgement,
  });
  return journal(back, 'resume', 'operator', reason('paused', 'The pause is over: it is acted upon again.'));
}
