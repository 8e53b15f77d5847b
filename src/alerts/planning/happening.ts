import type { AlertKind } from '../../config/resolved.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';

/** What the plan is told. Times are wall clock, ms. */
export type Happening =
  /** A line of the journal. */
  | { readonly type: 'record'; readonly record: IncidentRecord }
  /** Trouble that the journal does not know. Told again it is the same trouble, with another text. */
  | {
      readonly type: 'trouble';
      readonly slot: string;
      readonly subject: string;
      readonly kind: AlertKind;
      readonly text: string;
      readonly todo: string;
      /** Channels that are not told of it, as it is about them. */
      readonly notTo: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'trouble-over'; readonly slot: string; readonly text: string; readonly at: number }
  /** Somebody has taken note: no more reminders. `id` as people read it: `api-12`, or `all`. */
  | { readonly type: 'acknowledge'; readonly id: string; readonly at: number }
  /** Lifeguard has begun to watch: what is not configured any more is over. */
  | { readonly type: 'watching'; readonly at: number };
