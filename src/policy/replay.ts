import type { Action } from './action.ts';
import type { Event } from './event.ts';
import type { Policy } from './policy.ts';
import type { BackendState } from './state.ts';
import { createFleet, decideFleet, type Fleet, stateOf, withState } from './together/fleet.ts';

/** The first line of a recording: all that the decisions start from. */
interface Opening {
  readonly recording: 2;
  readonly now: number;
  readonly members: readonly { readonly name: string; readonly policy: Policy; readonly state: BackendState }[];
}

/** Every other line: one event, and what was done about it. */
interface Line {
  readonly now: number;
  readonly backend: string;
  readonly event: Event;
  readonly actions: readonly { readonly backend: string; readonly action: Action }[];
}

/** Where a replay did something else than the recording. `line` counts from 1. */
export interface Difference {
  readonly line: number;
  readonly recorded: Line['actions'];
  readonly replayed: Line['actions'];
}

/** The line that begins a recording (JSONL, without the line's end). */
export function recordOpening(fleet: Fleet, now: number): string {
  const members = fleet.names.flatMap((name, i) => {
    const [policy, state] = [fleet.policies[i], stateOf(fleet, name)];
    return policy === undefined || state === undefined ? [] : [{ name, policy, state }];
  });
  return JSON.stringify({ recording: 2, now, members } satisfies Opening);
}

/** The line of one event, after it was decided. */
export function recordLine(now: number, backend: string, event: Event, actions: Line['actions']): string {
  return JSON.stringify({ now, backend, event, actions } satisfies Line);
}

/**
 * Decides a recording once more, event for event.
 * @returns the first difference, or null if everything was decided the same way
 * @throws SyntaxError if it is no recording
 */
export function replay(recording: string): Difference | null {
  const [first, ...lines] = recording.split('\n').filter((line) => line !== '');
  let fleet = open(first ?? '');
  for (const [i, text] of lines.entries()) {
    const { now, backend, event, actions } = JSON.parse(text) as Line;
    const decided = decideFleet(fleet, backend, event, now);
    fleet = decided.fleet;
    if (JSON.stringify(decided.actions) !== JSON.stringify(actions))
      return { line: i + 2, recorded: actions, replayed: decided.actions };
  }
  return null;
}

function open(line: string): Fleet {
  const opening = JSON.parse(line) as Opening;
  if (opening.recording !== 2) throw new SyntaxError('not a recording of decisions: its first line has no "recording": 2');
  return opening.members.reduce(
    (fleet, { name, state }) => withState(fleet, name, state),
    createFleet(opening.members, opening.now),
  );
}
