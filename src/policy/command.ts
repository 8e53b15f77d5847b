import type { Command } from './event.ts';
import { byOperator, paused, reason } from './reasons.ts';
import { drive, expectOnline, wantRestart } from './restart.ts';
import { type BackendState, NO_STREAK, type Pause } from './state.ts';
import { change, enter, journal, type Turn } from './turn.ts';

const RESTART_ASKED = byOperator('An operator asked lifeguard to restart it; that is not counted.');

/** An operator's restart, in any state but paused; never counted. What lifeguard had stopped is started. */
export function restartByCommand(turn: Turn): Turn {
  const how = turn.state.process === 'up' || turn.state.process === 'gone' ? 'restart' : 'start';
  const restarting = expectOnline(turn, { how, cause: 'operator', performedAt: null });
  return drive(journal(restarting, 'restart', 'operator', RESTART_ASKED), how, 'operator', RESTART_ASKED);
}

/** Clears the window, the backoff and the trial, and lets what is held back have another try. */
export function reset(turn: Turn): Turn {
  const { state } = turn;
  const why = byOperator('An operator reset it: the whole budget is back.');
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
  return journal(cleared, 'reset', 'operator', why);
}

/** The same for what was given up: it is started at once. */
export function resetAndStart(turn: Turn): Turn {
  const cleared = reset(turn);
  const why = byOperator('Started after the reset.');
  const starting = expectOnline(cleared, { how: 'start', cause: 'operator', performedAt: null });
  return drive(journal(starting, 'restart', 'operator', why), 'start', 'operator', why);
}

type PauseCommand = Extract<Command, { name: 'pause' }>;

export function pause(turn: Turn, { forMs }: PauseCommand): Turn {
  const { name, since } = turn.state;
  if (name === 'paused') return extendPause(turn, forMs);
  const resting = enter(turn, 'paused', { pause: { until: turn.now + forMs, resumeTo: name, resumeSince: since } });
  return journal(resting, 'pause', 'operator', paused(forMs));
}

export function extendPause(turn: Turn, forMs: number): Turn {
  const { pause: current } = turn.state;
  if (current === null) return turn;
  return journal(change(turn, { pause: { ...current, until: turn.now + forMs } }), 'pause', 'operator', paused(forMs));
}

/** The pause is over, by command or by itself: what was seen meanwhile is judged afresh. */
export function resume(turn: Turn): Turn {
  const { pause: over } = turn.state;
  if (over === null) return turn;
  const { name, patch } = resumed(turn, over);
  const why = reason('paused', 'The pause is over: it is acted upon again.');
  const next = journal(enter(turn, name, { pause: null, streak: NO_STREAK, ...patch }), 'resume', 'operator', why);
  const { process, due } = next.state;
  if (name !== 'unhealthy' || due !== null || process === 'up') return next;
  return wantRestart(next, {
    cause: 'crash',
    how: 'start',
    reason: reason('gave-up-by-pm2', 'It ended during the pause.'),
    failedAt: turn.now,
  });
}

/** Stays as it was where time goes on by itself; a backend that runs is looked at again before anything is done. */
function resumed(turn: Turn, { resumeTo, resumeSince }: Pause): { name: BackendState['name']; patch: Partial<BackendState> } {
  const runs = turn.state.process === 'up';
  if (runs && (resumeTo === 'unhealthy' || resumeTo === 'degraded')) return { name: 'suspect', patch: { due: null, hold: null } };
  if (resumeTo === 'exhausted') return { name: resumeTo, patch: { since: resumeSince } };
  return { name: resumeTo, patch: {} };
}

/** What happens during a pause changes only what it goes back to. */
export function whilePaused(turn: Turn, resumeTo: Pause['resumeTo'], patch: Partial<BackendState>): Turn {
  const { pause: current } = turn.state;
  if (current === null) return turn;
  return change(turn, { ...patch, pause: { ...current, resumeTo, resumeSince: turn.now } });
}

/** An operator's restart is carried out in a pause too. */
export function restartWhilePaused(turn: Turn): Turn {
  const how = turn.state.process === 'up' || turn.state.process === 'gone' ? 'restart' : 'start';
  const attempt = { how, cause: 'operator', performedAt: null } as const;
  const noted = whilePaused(turn, 'restarting', { process: 'gone', attempt, due: null, hold: null, lastRestartAt: turn.now });
  return drive(journal(noted, 'restart', 'operator', RESTART_ASKED), how, 'operator', RESTART_ASKED);
}
