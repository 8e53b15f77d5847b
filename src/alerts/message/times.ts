/** `03:16 UTC`: short, and the same for whoever reads it. */
export function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}

/** `2026-11-27 03:16 UTC` */
export function dateTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10)} ${clockTime(at)}`;
}
