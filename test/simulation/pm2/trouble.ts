/** How well the daemon can be spoken with. Shares are probabilities, in [0, 1]. */
export interface Trouble {
  /** Of the bus's messages. */
  readonly lost: number;
  readonly doubled: number;
  /** Comes up to `delayMs` late, so after others that were sent later, or after a list. */
  readonly delayed: number;
  readonly delayMs: number;
  /** Of the calls that change something: refused; done but never answered; or neither. */
  readonly refused: number;
  readonly unanswered: number;
  readonly swallowed: number;
  /** So much later does each call get to the daemon. */
  readonly slowCallMs: number;
  /** What a list takes. */
  readonly listMs: number;
  /** For so long a list keeps the daemon from everything else. */
  readonly listBlocksMs: number;
}

export const NO_TROUBLE: Trouble = {
  lost: 0,
  doubled: 0,
  delayed: 0,
  delayMs: 0,
  refused: 0,
  unanswered: 0,
  swallowed: 0,
  slowCallMs: 0,
  listMs: 8,
  listBlocksMs: 1,
};
