import type { IncidentRecord } from '../../incidents/journal.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import type { Figures } from '../figures/figures.ts';
import type { Slot } from '../history/slot.ts';

/** What the page's process is told at its start. It holds the token: it goes over the channel, never into an environment or a command line. */
export interface PageSetup {
  readonly version: string;
  /** Lifeguard's name in PM2, and this machine's. */
  readonly lifeguard: string;
  readonly machine: string;
  /** Where lifeguard listens. */
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  readonly url: string | null;
  /** incidents.jsonl, absolute. */
  readonly journal: string;
  /** Where each backend's history is, absolute. */
  readonly history: string;
}

/** What the page's process asks of lifeguard, and what it is answered. */
export interface Answers {
  readonly figures: Figures;
  readonly look: readonly Looked[];
  readonly act: Readonly<Record<string, unknown>>;
}

export interface Looked {
  readonly status: BackendStatus;
  /** The present 16 minutes, of which the history on disk has not all yet. */
  readonly slot: Slot;
}

export type Question =
  | { readonly about: 'figures' }
  /** null: all of them. */
  | { readonly about: 'look'; readonly backend: string | null }
  /** As `pm2 trigger lifeguard ACTION PARAM`. */
  | { readonly about: 'act'; readonly action: string; readonly param: string };

/** From lifeguard to the page's process. A `visitor` comes with a connection. */
export type ToPage =
  | { readonly type: 'setup'; readonly setup: PageSetup }
  | { readonly type: 'visitor' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: string }
  | { readonly type: 'record'; readonly record: IncidentRecord }
  /** Nobody else will come: it is to end. */
  | { readonly type: 'end' };

/** From the page's process to lifeguard. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  /** Nobody is left; `visitors`: how many connections it has been given in all, by which one on its way is noticed. */
  | { readonly type: 'idle'; readonly visitors: number };
