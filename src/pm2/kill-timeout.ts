/** Where an app has none: PM2's own (its constants.js). */
const DEFAULT_KILL_TIMEOUT_MS = 1_600;

/** How long a process has to end after it was asked to, ms. Of an app's declaration, or of what PM2 says of its process. */
export function killTimeoutOf({ kill_timeout }: { readonly kill_timeout?: unknown }): number {
  const ms = Number(kill_timeout);
  return ms > 0 ? ms : DEFAULT_KILL_TIMEOUT_MS;
}
