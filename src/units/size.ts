import { type Parsed, refuse } from './parsed.ts';

/** `512K`, `10M`, `1G`, `1T`, or a number of bytes. As in PM2, K is 1024. */
export type Size = number | `${number}${SizeUnit}`;
export type SizeUnit = 'K' | 'M' | 'G' | 'T';

const BYTES_PER: Record<SizeUnit, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

export const SIZE_UNITS = Object.keys(BYTES_PER) as SizeUnit[];
export const SIZE_EXPECTED = 'a size: 512K, 10M, 1G, or a number of bytes';

/** Reads a size and returns whole bytes. Negative and not finite ones are refused. */
export function parseSize(input: unknown): Parsed {
  if (typeof input === 'number')
    return Number.isSafeInteger(input) && input >= 0 ? { ok: true, value: input } : refuse(SIZE_EXPECTED);
  if (typeof input !== 'string') return refuse(SIZE_EXPECTED);
  const match = /^(\d+(?:\.\d+)?)([KMGT])$/.exec(input);
  if (!match) return refuse(SIZE_EXPECTED, guess(input));
  return { ok: true, value: Math.round(Number(match[1]) * BYTES_PER[match[2] as SizeUnit]) };
}

/** Writes bytes with the largest unit that divides them: 10 485 760 is `10M`; 1000 is `1000`. */
export function formatSize(bytes: number): string {
  const unit = [...SIZE_UNITS].reverse().find((candidate) => bytes >= BYTES_PER[candidate] && bytes % BYTES_PER[candidate] === 0);
  return unit ? `${bytes / BYTES_PER[unit]}${unit}` : String(bytes);
}

function guess(input: string): string | null {
  const match = /^\s*(-?)(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(input);
  if (!match) return null;
  if (match[1]) return 'A size cannot be negative.';
  const [, , amount, word = ''] = match;
  if (word === '' || /^b(ytes?)?$/i.test(word)) return `Write ${amount}M for megabytes, or the number without quotes for bytes.`;
  const unit = SIZE_UNITS.find((candidate) => new RegExp(`^${candidate}(i?b)?$`, 'i').test(word));
  return unit ? `Write ${amount}${unit}.` : `The units are ${SIZE_UNITS.join(', ')}.`;
}
