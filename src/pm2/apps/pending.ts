import type { AppDeclaration, Pm2Process } from '../types.ts';

/** What a declaration says of how an app is kept, and what PM2 calls it in its list. */
const KEPT = [
  ['kill_timeout', 'kill_timeout', 'kill_timeout'],
  ['exp_backoff_restart_delay', 'exp_backoff_restart_delay', 'restart delay'],
  ['autorestart', 'autorestart', 'autorestart'],
  ['pmx', 'pmx', 'pmx'],
  ['out_file', 'pm_out_log_path', 'log files'],
] as const;

/** What of our declaration an app that was taken over as it runs does not have yet, in words: its next restart by us applies it. */
export function pendingOf(app: AppDeclaration, { env }: Pick<Pm2Process, 'env'>): string[] {
  const differing = KEPT.filter(([ours, theirs]) => app[ours] !== undefined && app[ours] !== env[theirs]).map(
    ([, , word]) => word,
  );
  const running = (env.env ?? {}) as Readonly<Record<string, unknown>>;
  const variables = Object.keys(app.env).filter((name) => running[name] === undefined);
  return [...differing, ...variables];
}
