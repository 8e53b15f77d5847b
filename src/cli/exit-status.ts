/** What every command ends with. */
export const EXIT = {
  well: 0,
  /** Degraded, or a problem was found. */
  problem: 1,
  down: 2,
  /** Wrong usage: EX_USAGE of sysexits.h. */
  usage: 64,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
