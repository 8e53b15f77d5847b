/**
 * What came back from one request of a check.
 * `void` says nothing about the backend: a failure of our own (a late event loop, no socket to be had), or PM2 is just stopping it.
 */
export type Answer =
  | {
      readonly kind: 'answer';
      /** HTTP status code; a `tcp://` target that accepts the connection answers 200. */
      readonly status: number;
      readonly latencyMs: number;
      /** From the Retry-After header (seconds or a date), or null. */
      readonly retryAfterMs: number | null;
      /** The body, whole if it is JSON of at most 64 KiB, else null. */
      readonly json: unknown;
      /** The first 200 characters of the body, for people and to know uvicorn's own 503 by. */
      readonly excerpt: string;
      /** The Server header of an answer that is no success; absent: it has none. */
      readonly server?: string;
    }
  | { readonly kind: 'refused'; readonly latencyMs: number }
  | { readonly kind: 'timeout'; readonly latencyMs: number }
  /** The connection broke, or what came was no HTTP. `code` is Node's error code, such as ECONNRESET. */
  | { readonly kind: 'broken'; readonly code: string; readonly latencyMs: number }
  | { readonly kind: 'void'; readonly why: 'late-event-loop' | 'own-error' | 'being-stopped'; readonly detail: string };

/** One check of one backend: both answers, and the process that was there when it began. */
export interface Observation {
  readonly liveness: Answer;
  /** null: no readiness target of its own; the liveness answer serves for both. */
  readonly readiness: Answer | null;
  /** Monotonic ms at which the check was started; it was completed at the event's `now`. */
  readonly startedAt: number;
  /** The incarnation when the check started, see {@link Incarnation}. A check of another one is no verdict on this one. */
  readonly incarnation: string | null;
}
