const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Bytes for people: `34 MB`, `1.5 GB`. As in PM2, a KB is 1024. */
export function amount(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** step;
  return `${value < 10 && step > 0 ? Math.round(value * 10) / 10 : Math.round(value)} ${UNITS[step]}`;
}
