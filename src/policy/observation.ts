/**
 * What came back from one request of a check.
 * `void` says nothing about the backend: a failure of our own (a late event loop, no socket to be had), PM2 is just stopping it, or a
 * check that is made more seldom than it is asked for (a command, a heartbeat) has nothing new to tell.
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
      /** The path that a redirect led to, whose answer this is; absent: there was none. */
      readonly redirectedTo?: string;
      /** Whether it is as `expect` wants it, whatever its status; absent: nothing is expected beyond the status. */
      readonly expected?: { readonly met: true } | { readonly met: false; readonly detail: string };
      /** What somebody should know though it answers, such as when its certificate ends: a clause, the same at each check. */
      readonly warning?: string;
    }
  /** A check that judges by itself (a command, gRPC's health service, a heartbeat) says that all is well. */
  | { readonly kind: 'well'; readonly latencyMs: number; readonly detail: string }
  /** One that judges by itself says that it is not. `detail`: as the end of a sentence that begins with "the backend". */
  | {
      readonly kind: 'sick';
      readonly latencyMs: number;
      readonly detail: string;
      /** The last of what a command printed, at most 4 KiB; empty: nothing. */
      readonly evidence: string;
    }
  /** No heartbeat in time: it may hang, or be in the middle of something long. `silentMs` since the last one, or since it is waited for. */
  | { readonly kind: 'silent'; readonly silentMs: number; readonly detail: string }
  /**
   * What is asked cannot tell how the backend is: a redirect elsewhere, TLS or DNS trouble of the check, a command that cannot be run.
   * Never a reason to restart. `detail`: as the end of a sentence that begins with "its check".
   */
  | { readonly kind: 'misdirected'; readonly detail: string }
  | { readonly kind: 'refused'; readonly latencyMs: number }
  | { readonly kind: 'timeout'; readonly latencyMs: number }
  /** The connection broke, or what came was no HTTP. `code` is Node's error code, such as ECONNRESET. */
  | { readonly kind: 'broken'; readonly code: string; readonly latencyMs: number }
  | {
      readonly kind: 'void';
      readonly why: 'late-event-loop' | 'own-error' | 'being-stopped' | 'nothing-new';
      readonly detail: string;
    };

/** One check of one backend: both answers. */
export interface Observation {
  readonly liveness: Answer;
  /** null: no readiness target of its own; the liveness answer serves for both. */
  readonly readiness: Answer | null;
  /** Monotonic ms at which the check was started; it was completed at the event's `now`. It says nothing of processes that came later. */
  readonly startedAt: number;
}
