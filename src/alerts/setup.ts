import type { AlertKind } from '../config/resolved.ts';

/** What planning and wording know beside the journal. Plain facts; no secret in it. */
export interface Setup {
  /** The machine's name. */
  readonly host: string;
  /** What lifeguard is called in PM2. */
  readonly lifeguard: string;
  /** Where people reach the page; null: no links. */
  readonly pageUrl: string | null;
  /** Where evidence is, absolute. */
  readonly logsDirectory: string;
  readonly channels: readonly ChannelFacts[];
  readonly backends: readonly BackendFacts[];
  /** What `pm2 logs NAME` knows. */
  readonly apps: readonly string[];
  /** What goes bad within this time is told together, ms. */
  readonly gatherMs: number;
}

export interface ChannelFacts {
  readonly name: string;
  readonly on: readonly AlertKind[];
  /** The service knows what it is to take note of an alert: it is told of an acknowledgement too. */
  readonly takesNote: boolean;
}

export interface BackendFacts {
  readonly name: string;
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly coolDownMs: number | null;
  /** `id` is the same for what is the same service, whatever a backend calls it. */
  readonly dependencies: readonly { readonly name: string; readonly id: string }[];
}
