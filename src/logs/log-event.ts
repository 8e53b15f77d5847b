import type { Repair } from './checking/verify.ts';

/** What the rotation has to tell. `disk-full` and `failed` are worth an alert; the rest is for lifeguard's own log or nobody. */
export type LogEvent =
  | { readonly kind: 'rotated'; readonly live: string; readonly rotated: string; readonly why: string }
  | { readonly kind: 'archived'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'removed'; readonly path: string; readonly bytes: number; readonly why: 'age' | 'total' | 'disk-full' }
  /** The daemon dropped this at the reload; it was taken from its bus and put back. */
  | ({ readonly kind: 'repaired' } & Repair)
  /** It could not be told whether the reload dropped something. */
  | { readonly kind: 'unverified'; readonly path: string }
  /** Once per directory, until there is room again. */
  | { readonly kind: 'disk-full'; readonly directory: string; readonly text: string }
  | { readonly kind: 'space-back'; readonly directory: string }
  /** Somebody else (see LogSource.rival) rotates these files too: from now on we don't. */
  | { readonly kind: 'stands-back'; readonly rival: string; readonly paths: readonly string[] }
  /** It does no more: we do again. */
  | { readonly kind: 'goes-on'; readonly rival: string; readonly paths: readonly string[] }
  /** Once per path and error, until it works again. The file is as it was. */
  | { readonly kind: 'failed'; readonly path: string; readonly code: string; readonly text: string };

/** The file system's or PM2's code, such as ENOSPC; 'unknown' for anything else. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
