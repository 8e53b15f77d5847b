import { howToRestart, RESTART_ASKED, reset } from './command.ts';
import type { Command, Event } from './event.ts';
import { comeOnline } from './lifecycle.ts';
import { paused, reason } from './reasons.ts';
import { drive, wantRestart } from './restart.ts';
import { type BackendState, NO_STREAK, type Pause } from './state.ts';
import { change, enter, journal, type Turn } from './turn.ts';

type Asked = Extract<Command, { name: 'pause' }>;

/** An operator's maintenance window: from now on it is checked, but nothing is done about what is seen. */
export function pause(turn: Turn, { forMs }: Asked): Turn {
  const { name, since } = turn.state;
  if (name === 'paused') return turn;
  const resting = enter(turn, 'paused', { pause: { until: turn.now + forMs, resumeTo: name, resumeSince: since } });
  return journal(resting, 'pause', 'operator', paused(forMs));
}

export function extendPause(turn: Turn, { forMs }: Asked): Turn {
  const { pause: current } = turn.state;
  if (current === null) return turn;
  return journal(change(turn, { pause: { ...current, until: turn.now + forMs } }), 'pause', 'operator', paused(forMs));
}

/** The pause is over, by command or by itself: what was seen meanwhile is judged afresh. */
export function resume(turn: Turn): Turn {
  const { pause: over } = turn.state;
  if (over === null) return turn;
  const { name, patch } = resumed(turn.state, over);
  const why = reason('paused', 'The pause is over: it is acted upon again.');
  const next = journal(enter(turn, name, { pause: null, streak: NO_STREAK, ...patch }), 'resume', 'operator', why);
  const { process, due, hold } = next.state;
  if (name !== 'unhealthy' || process === 'up' || due !== null || hold !== null) return next;
  const ended = reason('gave-up-by-pm2', 'It ended during the pause, and PM2 gave up on it.');
  return wantRestart(next, { cause: 'crash', how: 'start', reason: ended, failedAt: turn.now });
}

export function endPause(turn: Turn): Turn {
  const { pause: current } = turn.state;
  return current === null || turn.now < current.until ? turn : resume(turn);
}

/** Stays as it was where time goes on by itself; a backend that runs is looked at again before anything is done. */
function resumed(
  { process }: BackendState,
  { resumeTo, resumeSince }: Pause,
): { name: Pause['resumeTo']; patch: Partial<BackendState> } {
  const isDown = resumeTo === 'unhealthy' || resumeTo === 'degraded';
  if (process === 'up' && isDown) return { name: 'suspect', patch: { due: null, hold: null } };
  return { name: resumeTo, patch: resumeTo === 'exhausted' ? { since: resumeSince } : {} };
}

// What happens during a pause changes only what it goes back to.

export function doWellInPause(turn: Turn): Turn {
  const { cameUpAt, incident } = turn.state;
  return goBackTo(turn, incident === null ? 'healthy' : 'suspect', { cameUpAt: cameUpAt ?? turn.now });
}

export function comeOnlineInPause(turn: Turn, online: Extract<Event, { type: 'online' }>): Turn {
  const { process, incarnation, since } = turn.state;
  if (process === 'stopping' || online.incarnation === incarnation) return turn;
  return goBackTo(turn, 'starting', { ...comeOnline(turn, online).state, name: 'paused', since });
}

/** It ended, by itself or on request: PM2 starts it again. */
export function endInPause(turn: Turn, { by, othersOnline = 0 }: Extract<Event, { type: 'exit' }>): Turn {
  if (turn.state.process !== 'up' || by === 'lifeguard' || othersOnline > 0) return turn;
  return goBackTo(turn, 'restarting', { process: 'gone', attempt: null, due: null });
}

export function standDownInPause(turn: Turn): Turn {
  return goBackTo(turn, 'stopped', { process: 'parked', due: null, hold: null });
}

export function gaveUpInPause(turn: Turn): Turn {
  if (turn.state.process === 'parked') return turn;
  return goBackTo(turn, 'unhealthy', { process: 'parked', due: null, hold: null });
}

/** An operator's restart is carried out in a pause too. */
export function restartInPause(turn: Turn): Turn {
  const how = howToRestart(turn.state);
  const attempt = { how, cause: 'operator', performedAt: null } as const;
  const noted = goBackTo(turn, 'restarting', { process: 'gone', attempt, due: null, hold: null, lastRestartAt: turn.now });
  return drive(journal(noted, 'restart', 'operator', RESTART_ASKED), how, 'operator', RESTART_ASKED);
}

/** What was given up is started, as a reset asks for. */
export function resetInPause(turn: Turn): Turn {
  const cleared = reset(turn);
  return turn.state.pause?.resumeTo === 'exhausted' ? restartInPause(cleared) : cleared;
}

function goBackTo(turn: Turn, resumeTo: Pause['resumeTo'], patch: Partial<BackendState>): Turn {
  const { pause: current } = turn.state;
  return current === null ? turn : change(turn, { ...patch, pause: { ...current, resumeTo, resumeSince: turn.now } });
}
