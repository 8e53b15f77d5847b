import type { AlertKind } from '../../config/resolved.ts';
import type { Incident, Member } from './state.ts';

/** What is not cured by itself after so long is told. */
export const HELD_MS = 120_000;

/** Waited for, with the prospect of an end by itself: told only when it lasts. */
const PATIENT = new Set(['dependency-down', 'overload', 'shared-cause', 'orphan', 'paused']);

/** Nothing will be done about it: waiting would be for nothing. */
const NOTHING_IS_DONE = new Set(['not-in-restart-on', 'limit-reached']);

/** As what an incident that is open is worth telling now; null: it is not, or not yet. */
export function dueKind(incident: Incident, now: number): AlertKind | null {
  return turnOf(incident) ?? (now - incident.openedAt < HELD_MS ? null : howDown(incident));
}

/** The same by its turns alone, however long it lasts. */
export function turnOf(incident: Incident): AlertKind | null {
  const { latest, trouble, tried, cause } = incident;
  if (trouble !== null) return trouble.kind;
  if (latest.what === 'give-up') return 'gave-up';
  if (latest.what === 'blocked' && latest.code === 'port-taken') return 'port-taken';
  if (latest.code === 'misconfigured') return 'misconfigured';
  if (isForUsage(cause) && tried === 1 && latest.what === 'restart') return cause;
  const isHeldForGood = latest.what === 'hold' && NOTHING_IS_DONE.has(latest.code);
  const isUncured = tried >= 2 || (tried === 1 && latest.what === 'hold' && !PATIENT.has(latest.code));
  return isHeldForGood || isUncured ? howDown(incident) : null;
}

/** It was well, and restarted for what it took: it is well again in a moment. */
export function isForUsage(what: AlertKind | Incident['cause']): what is 'memory' | 'cpu' {
  return what === 'memory' || what === 'cpu';
}

function howDown({ latest }: Incident): AlertKind {
  return latest.to === 'degraded' ? 'degraded' : 'down';
}

/** When {@link dueKind} changes by time alone; null: never. */
export function dueAt({ openedAt }: Incident, now: number): number | null {
  return now < openedAt + HELD_MS ? openedAt + HELD_MS : null;
}

const LEVELS: Readonly<Record<AlertKind, number>> = {
  recovered: 0,
  digest: 0,
  degraded: 1,
  memory: 1,
  cpu: 1,
  misconfigured: 1,
  lifeguard: 1,
  'disk-full': 1,
  flapping: 2,
  down: 2,
  'port-taken': 2,
  'gave-up': 4,
};

/** What falls again and again, and this time stays down. */
const DOWN_AFTER_FLAPPING = 3;

/** How bad it is: what rises is told as a turn for the worse. */
export function levelOf({ incident, kind }: Member, now: number): number {
  const level = LEVELS[kind];
  const staysDown = kind === 'flapping' && incident.end === null && now - incident.openedAt >= HELD_MS;
  return staysDown ? DOWN_AFTER_FLAPPING : level;
}

/** The worst of them, the first of equals. */
export function worstOf(members: readonly Member[], now: number): Member {
  const [first, ...others] = members;
  if (first === undefined) throw new Error('an alert about nothing');
  return others.reduce((worst, member) => (levelOf(member, now) > levelOf(worst, now) ? member : worst), first);
}
