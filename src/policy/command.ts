import { byOperator } from './reasons.ts';
import { drive, expectOnline } from './restart.ts';
import type { BackendState, Due } from './state.ts';
import { change, journal, type Turn } from './turn.ts';

export const RESTART_ASKED = byOperator('An operator asked lifeguard to restart it; that is not counted.');

/** An operator's restart, in any state; never counted. What lifeguard had stopped is started. */
export function restartByCommand(turn: Turn): Turn {
  const how = howToRestart(turn.state);
  const restarting = expectOnline(turn, { how, cause: 'operator', performedAt: null });
  return drive(journal(restarting, 'restart', 'operator', RESTART_ASKED), how, 'operator', RESTART_ASKED);
}

export function howToRestart({ process }: BackendState): Exclude<Due['how'], 'kill'> {
  return process === 'up' || process === 'gone' ? 'restart' : 'start';
}

/** Clears the window, the backoff and the trial, and lets what is held back have another try. */
export function reset(turn: Turn): Turn {
  const { state } = turn;
  const due = state.due === null ? null : { ...state.due, at: turn.now };
  const cleared = change(turn, {
    restarts: [],
    trialSince: null,
    cure: null,
    stableAt: null,
    lastDelayMs: 0,
    lastError: null,
    due,
  });
  return journal(cleared, 'reset', 'operator', byOperator('An operator reset it: the whole budget is back.'));
}

/** The same for what was given up: it is started at once. */
export function resetAndStart(turn: Turn): Turn {
  const why = byOperator('Started after the reset.');
  const starting = expectOnline(reset(turn), { how: 'start', cause: 'operator', performedAt: null });
  return drive(journal(starting, 'restart', 'operator', why), 'start', 'operator', why);
}
