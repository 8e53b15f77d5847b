import { formatDuration } from '../../units/duration.ts';
import { formatSize } from '../../units/size.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** compose knows hours, but no days. */
export function composeDuration(ms: number): string {
  return ms > 0 && ms % DAY_MS === 0 ? `${ms / HOUR_MS}h` : formatDuration(ms);
}

/** `500m`, `1000b`. */
export function composeSize(bytes: number): string {
  const text = formatSize(bytes).toLowerCase();
  return /\d$/.test(text) ? `${text}b` : text;
}

/** compose replaces `$NAME` and `${NAME}` in every text of the file; in one that is to stand as it is the dollars are doubled. */
export function literal(text: string): string {
  return text.replaceAll('$', () => '$$');
}
