import { statSync } from 'node:fs';
import { timeIn } from '../../logs/reading/line-time.ts';
import { linesIn } from '../../logs/reading/lines.ts';
import { type LogFile, logFiles } from '../../logs/reading/log-files.ts';
import type { ErrorRate } from '../facts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 168 * HOUR_MS;
/** With less of a past there is nothing to compare with. */
const PAST_MS = 24 * HOUR_MS;
/** Of the newest files: a look has ten seconds for all backends. */
const MOST_BYTES = 16 * 1024 ** 2;

/**
 * How many lines a minute went to an error log within the last hour, and in the week before; by the time that each line tells. A line that
 * tells none is as old as the one before it.
 * @returns null where no line tells a time, or the past is shorter than a day
 * @param now wall clock, ms
 */
export async function errorRate(backend: string, file: string, now: number): Promise<ErrorRate | null> {
  const [recentFrom, pastFrom] = [now - HOUR_MS, now - HOUR_MS - WEEK_MS];
  let [recent, past, oldest] = [0, 0, now];
  for (const each of newest(logFiles(file), pastFrom)) {
    let time: number | null = null;
    for await (const line of linesIn(each)) {
      time = timeIn(line) ?? time;
      if (time === null || time < pastFrom || time > now) continue;
      oldest = Math.min(oldest, time);
      if (time >= recentFrom) recent++;
      else past++;
    }
  }
  const pastMs = recentFrom - Math.max(oldest, pastFrom);
  if (pastMs < PAST_MS) return null;
  return { backend, file, recentPerMinute: recent / (HOUR_MS / MINUTE_MS), pastPerMinute: past / (pastMs / MINUTE_MS) };
}

/** Those that may hold something of the time, the newest first, as far as they are read. */
function newest(files: readonly LogFile[], from: number): LogFile[] {
  let bytes = 0;
  return files
    .toReversed()
    .filter(({ endsAt }) => endsAt === null || endsAt >= from)
    .filter(({ path }) => {
      bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      return bytes <= MOST_BYTES;
    });
}
