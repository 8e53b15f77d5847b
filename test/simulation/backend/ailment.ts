/** What can be wrong with the answers of a backend. */
export type Ailment =
  /** It accepts, and never answers; signals that can be handled are not. */
  | { readonly kind: 'hang' }
  | {
      readonly kind: 'status';
      readonly status: number;
      /** Which of its two addresses answer so. */
      readonly where: 'liveness' | 'readiness' | 'both';
      readonly retryAfterMs: number | null;
      /** So many of its answers never come. */
      readonly silentShare: number;
    }
  /** Its liveness answers, its readiness never does: as with a pool that has no connection left. */
  | { readonly kind: 'silent-readiness' }
  /** Each answer takes so long. */
  | { readonly kind: 'slow'; readonly ms: number };

/** One that is there now. `until`: monotonic ms; null: for as long as the process lives. */
export interface Active {
  readonly ailment: Ailment;
  readonly until: number | null;
}

/** What can be wrong with its start. */
export interface BootTrouble {
  /** It ends so long after its start; null: it starts. */
  readonly endsAfterMs: number | null;
  /** It takes so much longer than usual. */
  readonly slowerByMs: number;
  /** Of a tree: the parent ends so long after its start, its child lives on and keeps the port; null: it does not. */
  readonly parentEndsAfterMs: number | null;
  readonly lastError: string | null;
}
