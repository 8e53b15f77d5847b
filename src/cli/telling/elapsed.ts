const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A time span as people say it, in one or two units: `3 s`, `4 min 10 s`, `2 h 5 min`, `12 d`. Below a second: `0.4 s`. */
export function elapsed(ms: number): string {
  if (ms < 1_000) return ms <= 0 ? '0 s' : `${Math.max(0.1, Math.round(ms / 100) / 10)} s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] ?? UNITS[3];
  const [smaller, smallerSize] = UNITS[first + 1] ?? ['', 0];
  const whole = Math.floor(ms / size);
  const rest = smallerSize > 0 && whole < 10 ? Math.floor((ms % size) / smallerSize) : 0;
  return `${whole} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}
