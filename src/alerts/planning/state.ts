import type { AlertKind } from '../../config/resolved.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import type { Cause } from '../../policy/policy.ts';

/**
 * What is going on, who was told of it, and what was seen before: all that the plan of a successor needs. Plain JSON.
 * `plan` works on a copy of its own, so its parts may change it.
 */
export interface PlanState {
  version: 1;
  /** Open and not told of, by slot. */
  open: Record<string, Incident>;
  /** Being gathered, or told and not ended. */
  alerts: Alert[];
  /** By slot: what keeps coming back. */
  restless: Record<string, Restless>;
  /** Backends in a maintenance window. */
  paused: string[];
  /** By signature: what ended within the last week. */
  seen: Record<string, Ending[]>;
  digest: Digest;
}

/** One stretch of trouble, from its first sign to its end. */
export interface Incident {
  /** There is one at a time in a slot: a backend's name, or what else is in trouble. */
  slot: string;
  /** What people call it: a backend, a channel, a folder. */
  subject: string;
  /** Of a backend, as the journal numbers it; null: no backend's incident. */
  number: number | null;
  /** Wall clock, ms, as all times here. */
  openedAt: number;
  cause: Cause | null;
  /** The latest line that tells what is wrong. */
  seen: Seen;
  /** The latest line of all: what is done about it. */
  latest: Seen;
  /** Restarts that lifeguard made for it. */
  tried: number;
  /** Restarts counted in the backend's window at the latest line. */
  restarts: number;
  /** Of the dependencies that it waits for. */
  waitsFor: string[];
  evidence: string | null;
  drill: boolean;
  trouble: Trouble | null;
  end: End | null;
}

export interface Seen {
  what: IncidentRecord['what'];
  code: string;
  text: string;
  /** The state that the backend came into; of another trouble ''. */
  to: string;
  at: number;
}

/** Trouble that the journal does not tell. */
export interface Trouble {
  kind: AlertKind;
  /** What a person can do, a line. */
  todo: string;
  /** Channels that are not told of it, as it is about them. */
  notTo: string[];
  /** After a start of lifeguard: it is over unless it is told of again by then. */
  confirmBy: number | null;
}

export interface End {
  at: number;
  how: 'well' | 'stopped' | 'gone';
  text: string;
}

/** One thing that people are told of, with everything that goes together. */
export interface Alert {
  /** What people call it: `api-12`. */
  id: string;
  /** Unique for ever: the services' stable key. */
  key: string;
  phase: 'gathering' | 'told';
  /** gathering: when it is told. told: when it is told that it got worse; null: it did not. */
  dueAt: number | null;
  /** null: not told yet. */
  toldAt: number | null;
  /** How bad it was when that was last told, see `levelOf`. */
  level: number;
  /** The channels that it was told to. */
  told: string[];
  members: Member[];
  reminders: number;
  acknowledged: boolean;
}

export interface Member {
  incident: Incident;
  kind: AlertKind;
  /** It is over when it is well, or only after an hour without trouble. */
  until: 'well' | 'quiet';
  /** How often it fell within the hour before, this time included. */
  falls: number;
  /** When something last went wrong. */
  troubleAt: number;
}

export interface Restless {
  /** When it was cured by a first restart and nobody was told. */
  cures: number[];
  /** When people were told that it is well again. */
  ends: number[];
}

export interface Ending {
  at: number;
  tookMs: number;
  /** What cured it, in a few words. */
  cure: string;
}

export interface Digest {
  /** When it was last sent, or collecting began. */
  since: number;
  lines: Record<string, { subject: string; what: string; cure: string; count: number; longestMs: number }>;
}

export function emptyPlan(now: number): PlanState {
  return {
    version: 1,
    open: {},
    alerts: [],
    restless: {},
    paused: [],
    seen: {},
    digest: { since: now, lines: {} },
  };
}

/** Whether nothing is left to be waited for in it. */
export function isOver({ incident, until, troubleAt, falls }: Member, now: number): boolean {
  if (incident.end === null) return false;
  if (until === 'well' || incident.end.how !== 'well') return true;
  const lastedMs = incident.end.at - incident.openedAt;
  return now - troubleAt >= HOUR_MS || (falls <= 2 && incident.trouble === null && lastedMs > LASTING_MS);
}

export const HOUR_MS = 3_600_000;

/** What was down for longer is no flapping: its end is told at once. */
const LASTING_MS = 600_000;
