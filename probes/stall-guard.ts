import { spawn } from 'node:child_process';
import { type AlarmClock, every } from '../src/clock/clock.ts';

/** Processor time that the loop may take without coming round once. Programs that lifeguard starts, such as gzip, inherit it. */
const ALLOWED_S = 120;
const RENEW_MS = 10_000;

/**
 * Has the kernel end this process when its event loop stands still: a loop that comes round puts its limit of processor time further off
 * whenever half of it is used (RLIMIT_CPU, by util-linux's `prlimit`: a program to start, so seldom); one that spins meets it and gets
 * SIGXCPU, and PM2 starts the next one. A process that is stopped, or sleeps with its machine, uses no processor. Without `prlimit` nothing
 * is guarded, and `say` is told so once.
 * @returns ends it; the last limit stays
 */
export function guardAgainstStall(
  clock: AlarmClock,
  say: (text: string) => void,
  { allowedS = ALLOWED_S, renewMs = RENEW_MS } = {},
): () => void {
  let guarding = true;
  /** Seconds of processor time since the process's start. */
  let limit = 0;
  const renew = (): void => {
    if (!guarding) return;
    const { user, system } = process.cpuUsage();
    const usedS = (user + system) / 1e6;
    if (limit - usedS > allowedS / 2) return;
    limit = Math.ceil(usedS) + allowedS;
    const setter = spawn('prlimit', ['--pid', String(process.pid), `--cpu=${limit}:`], { stdio: 'ignore' });
    setter.once('error', (error) => {
      guarding = false;
      say(`nothing would notice if this process stood still: prlimit: ${error.message}`);
    });
  };
  renew();
  return every(clock, renewMs, renew);
}
