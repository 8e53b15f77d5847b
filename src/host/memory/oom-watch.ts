/** So long after it was noticed a kill still explains an exit: PM2 tells of one late when memory is short. */
const RECENT_MS = 15_000;
/** More than so many at once are not kept apart. */
const MAX_KEPT = 100;

/** Tells exits that the kernel's OOM killer caused from any other SIGKILL, by its count (Host.oomKills) and by when that grew. */
export interface OomWatch {
  /** To be called every few seconds: what has struck meanwhile is dated by it, and of no account a little later. */
  look(): void;
  /**
   * Whether a process that was just seen to have died of SIGKILL may be put down to the OOM killer: it struck lately, and that kill has
   * not been put down to another process yet. false, too, where the kernel does not tell.
   */
  takeKill(): boolean;
}

/** @param now monotonic ms */
export function watchOom(count: () => number | null, now: () => number): OomWatch {
  let seen = count();
  let recent: number[] = [];
  const look = () => {
    const kills = count();
    const fresh = kills === null || seen === null ? 0 : Math.min(Math.max(0, kills - seen), MAX_KEPT);
    seen = kills ?? seen;
    recent = [...recent, ...Array.from({ length: fresh }, now)].filter((at) => now() - at <= RECENT_MS).slice(-MAX_KEPT);
  };
  return {
    look,
    takeKill() {
      look();
      return recent.shift() !== undefined;
    },
  };
}
