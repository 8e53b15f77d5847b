import type { AlertKind } from '../../config/resolved.ts';

/**
 * One message, as every channel gets it: facts and sentences, before anything of a service. Plain JSON: it is what a webhook is sent,
 * and lies in the queues on disk. Secrets are masked already. docs/alerts.md and alert.schema.json describe it.
 */
export interface Message {
  readonly version: 1;
  /** Of this message, for ever: whoever gets it twice can tell by it. */
  readonly key: string;
  /** The same for all messages about one alert. */
  readonly thread: string;
  /** The alert, as people call it: `api-12`. */
  readonly alert: string;
  readonly event: MessageEvent;
  readonly kind: AlertKind | 'test';
  readonly severity: 'critical' | 'warning' | 'info';
  /** It was brought about on purpose. */
  readonly drill: boolean;
  readonly host: string;
  /** What it is about, 50 at most. */
  readonly subjects: readonly Subject[];
  /** How many there are. */
  readonly count: number;
  /** When this was to be told; ISO 8601 in UTC, as all times here. */
  readonly at: string;
  /** The first sign of it. */
  readonly openedAt: string;
  readonly endedAt: string | null;
  /** `DOWN`; with what follows it is the first line: `[DOWN] api on vm1: answers 503`. */
  readonly tag: string;
  readonly headline: string;
  /** What is done, what comes next, and what a person can do: a line each. */
  readonly lines: readonly string[];
  readonly details: readonly Detail[];
  readonly link: string | null;
  /** Of an end: how it is told to whom nobody could tell the beginning. */
  readonly inPast: { readonly tag: string; readonly headline: string } | null;
}

/**
 * `opened`, `worse`, `reminder`, then `ended`; or `past`, once: it had begun and ended. `acknowledged` goes only where a service takes
 * note of it. `note`: a thing by itself.
 */
export type MessageEvent = 'opened' | 'worse' | 'reminder' | 'acknowledged' | 'ended' | 'past' | 'note';

export interface Subject {
  /** A backend, or what else is in trouble. */
  readonly name: string;
  /** Of a backend, as the journal numbers it. */
  readonly incident: number | null;
  /** The state that a backend is in; '' where there is none. */
  readonly state: string;
  readonly over: boolean;
}

export interface Detail {
  readonly label: string;
  readonly text: string;
}

/** `[DOWN] api on vm1: answers 503` */
export function titleOf({ tag, headline, drill }: Pick<Message, 'tag' | 'headline' | 'drill'>): string {
  return `[${drill ? 'DRILL: ' : ''}${tag}] ${headline}`;
}
