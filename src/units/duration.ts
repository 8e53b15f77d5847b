import { type Parsed, refuse } from './parsed.ts';

/** `250ms`, `10s`, `5m`, `1h`, `10d`, or a number of milliseconds. */
export type Duration = number | `${number}${DurationUnit}`;
export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd';

const MS_PER: Record<DurationUnit, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNITS_BIG_TO_SMALL = ['d', 'h', 'm', 's', 'ms'] as const;

export const DURATION_UNITS = Object.keys(MS_PER) as DurationUnit[];
export const DURATION_EXPECTED = 'a duration: 250ms, 10s, 5m, 1h, 10d, or a number of milliseconds';

const SPELLINGS: readonly [RegExp, DurationUnit][] = [
  [/^(ms|msecs?|millis|milliseconds?)$/i, 'ms'],
  [/^(s|secs?|seconds?)$/i, 's'],
  [/^(m|mins?|minutes?)$/i, 'm'],
  [/^(h|hrs?|hours?)$/i, 'h'],
  [/^(d|days?)$/i, 'd'],
];

/** Reads a duration and returns milliseconds. Negative and not finite ones are refused. */
export function parseDuration(input: unknown): Parsed {
  if (typeof input === 'number')
    return Number.isFinite(input) && input >= 0 ? { ok: true, value: input } : refuse(DURATION_EXPECTED);
  if (typeof input !== 'string') return refuse(DURATION_EXPECTED);
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(input);
  if (!match) return refuse(DURATION_EXPECTED, guess(input));
  return { ok: true, value: Math.round(Number(match[1]) * MS_PER[match[2] as DurationUnit] * 1_000) / 1_000 };
}

/** Writes milliseconds with the largest unit that divides them: 90 000 is `90s`. Read again it is the same number. */
export function formatDuration(ms: number): string {
  const unit = ms === 0 ? 's' : (UNITS_BIG_TO_SMALL.find((candidate) => ms % MS_PER[candidate] === 0) ?? 'ms');
  return `${ms / MS_PER[unit]}${unit}`;
}

function guess(input: string): string | null {
  const match = /^\s*(-?)(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(input);
  if (!match) return null;
  if (match[1]) return 'A duration cannot be negative.';
  const [, , amount, word] = match;
  if (word === '') return `Write ${amount}s for seconds, or the number without quotes for milliseconds.`;
  const unit = SPELLINGS.find(([pattern]) => pattern.test(word ?? ''))?.[1];
  return unit ? `Write ${amount}${unit}.` : `The units are ${DURATION_UNITS.join(', ')}.`;
}
