import type { JournalEntry } from '../../../src/policy/action.ts';
import type { End, SimProcess } from '../machine/machine.ts';
import type { Call } from '../pm2/daemon-wire.ts';
import type { Actor, Entry } from '../pm2/entry.ts';

/** What happened in the world, as the invariants see it. `backend`: the app's name, null when it is none of ours or not known. */
export type WorldEvent =
  | { readonly type: 'start'; readonly backend: string; readonly entry: Entry; readonly by: Actor }
  | { readonly type: 'exit'; readonly backend: string; readonly entry: Entry; readonly end: End }
  /** lifeguard asks PM2 to change something, and is answered. */
  | { readonly type: 'call'; readonly backend: string | null; readonly call: Call }
  | { readonly type: 'answer'; readonly backend: string | null; readonly call: Call; readonly error: string | null }
  | { readonly type: 'kill-tree'; readonly backend: string | null; readonly pmId: number | null; readonly pid: number }
  | { readonly type: 'end-orphan'; readonly backend: string; readonly hit: SimProcess | null }
  | { readonly type: 'journal'; readonly backend: string; readonly entry: JournalEntry }
  | { readonly type: 'log'; readonly text: string }
  /** `pm2 …` by hand, or a command to lifeguard. `isDone`: PM2 has carried it out. */
  | {
      readonly type: 'operator';
      readonly backend: string;
      readonly what: OperatorAct;
      /** null: all of its processes. */
      readonly pmId: number | null;
      readonly isDone: boolean;
      /** Of a pause. */
      readonly forMs?: number;
      /** lifeguard was killed by it: whether its successor knows of the command is left open. */
      readonly unanswered?: true;
    }
  | { readonly type: 'lifeguard'; readonly what: 'started' | 'watches' | 'ended'; readonly how?: string }
  | { readonly type: 'daemon'; readonly what: 'started' | 'ended' }
  | { readonly type: 'fault'; readonly backend: string | null; readonly text: string }
  /** The wall clock was set, or nothing ran for a while. */
  | { readonly type: 'clock'; readonly byMs: number; readonly what: 'set' | 'leapt' }
  /** A message of the bus that never comes, or late. */
  | { readonly type: 'bus-trouble'; readonly backend: string; readonly event: string; readonly pmId: number | string };

export type OperatorAct =
  | 'stop'
  | 'start'
  | 'restart'
  | 'reload'
  | 'delete'
  | 'scale-up'
  | 'lifeguard pause'
  | 'lifeguard resume'
  | 'lifeguard reset'
  | 'lifeguard restart';
