import type { CheckTarget, WatchedBackend } from '../resolved.ts';

/** For a command that is ended at its own time limit to be told of. */
const TO_TELL_MS = 500;

interface Pace {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * How often a backend is looked at and how long a look may take. Where all of its checks have a pace of their own it is theirs: asking a
 * command that runs every 30 s for its result each second would be of no use.
 */
export function paceOf({ liveness, readiness }: WatchedBackend['targets'], health: Pace): Pace {
  const checks = [liveness, readiness].filter((check) => check !== null);
  const own = checks.flatMap(ownPace);
  if (own.length === 0 || own.length < checks.length) return health;
  return {
    intervalMs: Math.min(...own.map(({ intervalMs }) => intervalMs)),
    timeoutMs: Math.max(...own.map(({ timeoutMs }) => timeoutMs)),
  };
}

function ownPace(check: CheckTarget): Pace[] {
  if (check.kind === 'command') return [{ intervalMs: check.everyMs, timeoutMs: check.timeoutMs + TO_TELL_MS }];
  return check.kind === 'heartbeat' ? [{ intervalMs: check.everyMs, timeoutMs: TO_TELL_MS }] : [];
}
