import { MARKER } from '../../host/orphans/marker.ts';
import { beyondGate, gateIn } from '../gate/gate-file.ts';
import { killTimeoutOf } from '../kill-timeout.ts';
import type { AppDeclaration } from '../types.ts';

/** PM2's own, where an app declares none. */

/** A process as it is spawned, without a shell. */
export interface Foreground {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take to end when it is asked to. */
  readonly killTimeoutMs: number;
}

/**
 * What PM2 would start of an app, to be run without PM2. Without the marker by which lifeguard knows its own: it would take the process
 * for one that PM2 lost, and end it.
 * @param environment see {@link appEnvironment}
 */
export function foregroundOf(app: AppDeclaration, environment: Readonly<Record<string, string>>): Foreground {
  const env = Object.fromEntries(Object.entries({ ...environment, NODE_APP_INSTANCE: '0' }).filter(([name]) => name !== MARKER));
  const { script, interpreter = 'none', node_args = [], args = [], cwd } = app;
  const [program, ...rest] = gateIn(args) === null ? [] : beyondGate(args); // whoever starts it here does not wait
  if (program !== undefined) return { command: program, args: rest, cwd, env, killTimeoutMs: killTimeoutOf(app) };
  const own =
    interpreter === 'none' ? { command: script, args } : { command: interpreter, args: [...node_args, script, ...args] };
  return { ...own, cwd, env, killTimeoutMs: killTimeoutOf(app) };
}
