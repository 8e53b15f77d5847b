import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JournalPosition } from '../incidents/journal.ts';
import { emptyPlan, type PlanState } from './planning/state.ts';
import type { Notification } from './planning/turns.ts';

/** What is on disk of the plan: all that a successor needs to tell everything, and nothing twice. */
export interface SavedPlan {
  readonly version: 1;
  readonly state: PlanState;
  /** Up to there the journal is planned. */
  readonly position: JournalPosition;
  /** ISO 8601, of the last record that is planned; '' before the first. */
  readonly time: string;
  /** Planned, and maybe not in every channel's queue yet. */
  readonly outgoing: readonly Notification[];
}

/** What begins now: of what the journal has already nobody is told. */
export function newPlan(position: JournalPosition, now: number): SavedPlan {
  return { version: 1, state: emptyPlan(now), position, time: '', outgoing: [] };
}

/** What was read, if it is a plan. */
export function isPlan(value: unknown): value is SavedPlan {
  const saved = value as Partial<SavedPlan> | null;
  return saved?.version === 1 && saved.state?.version === 1 && saved.position !== undefined && Array.isArray(saved.outgoing);
}

/**
 * The first plan of all is there before anything can happen that a kill might hide from its successor; the only write that is waited for.
 * @returns null, or why it could not be written: people are told all the same
 */
export function writeFirstPlan(file: string, plan: SavedPlan): string | null {
  try {
    if (existsSync(file)) return null;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
