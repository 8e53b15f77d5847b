/** A timer of ours that fires later than this was held up by our own event loop, not by the backend. */
const LATE_MS = 100;
/** The deadline is watched in so many parts: a pause early in it, that leaves the backend no time to answer, is seen too. */
const PARTS = 4;

/**
 * Calls `onEnd` once, when `ms` are over and everything that had arrived by then has been handled.
 * `late`: our own event loop slept through so much of the time that a missing answer says nothing about the backend: the last
 * part ended over 100 ms late, or half of the whole was lost.
 * @returns cancels it
 */
export function startDeadline(ms: number, onEnd: (late: boolean) => void): () => void {
  const end = performance.now() + ms;
  const partMs = ms / PARTS;
  let due = end - ms + partMs;
  let lostMs = 0;
  let cancelled = false;
  let timer = setTimeout(partOver, partMs);

  function partOver(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - due);
    lostMs += lateMs;
    if (now < end) {
      due = Math.min(end, now + partMs);
      timer = setTimeout(partOver, Math.max(1, due - now));
      return;
    }
    // Timers run before sockets are read: a loop that was held up finds its answers only afterwards.
    setImmediate(() => setImmediate(() => cancelled || onEnd(lateMs > LATE_MS || lostMs > ms / 2)));
  }
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}
