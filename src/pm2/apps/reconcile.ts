import type { AppDeclaration, Pm2Process } from '../types.ts';
import { changedKeys, digestsOf, recordOf } from './record.ts';

/**
 * What is to become of one app, and why.
 * `resume`: it is declared as it was, but stopped or errored. `restart-with-changes`: the new declaration is put in its place and
 * it is restarted under the same id. `delete-and-start`: what changed cannot be put into a process that PM2 already has.
 */
export interface Step {
  readonly app: string;
  readonly do: 'keep' | 'start' | 'resume' | 'restart-with-changes' | 'delete-and-start' | 'delete';
  /** Changed keys such as `env.PORT`, or a word for what is the case. */
  readonly because: readonly string[];
}

/** PM2 makes as many processes as it is told when an app is started, in the mode of that moment; later it can only restart them. */
const NEEDS_A_NEW_APP = new Set(['exec_mode', 'instances']);

/**
 * Compares what is declared with what runs. Deterministic, asks nobody, does nothing.
 * An app that was started from an ecosystem file and is no longer declared is deleted, unless `only` narrows the view; apps that
 * were started in another way are left alone.
 */
export function planStart(
  declared: readonly AppDeclaration[],
  listed: readonly Pm2Process[],
  only: readonly string[] | null = null,
): Step[] {
  const chosen = declared.filter((app) => !only || only.includes(app.name));
  const steps = chosen.map((app) =>
    stepFor(
      app,
      listed.filter((process) => process.name === app.name),
    ),
  );
  if (only) return steps;
  const known = new Set(declared.map((app) => app.name));
  const gone = new Set(listed.filter((process) => recordOf(process) && !known.has(process.name)).map(({ name }) => name));
  return [...[...gone].map((app): Step => ({ app, do: 'delete', because: ['no longer declared'] })), ...steps];
}

function stepFor(app: AppDeclaration, processes: readonly Pm2Process[]): Step {
  const [first] = processes;
  if (!first) return { app: app.name, do: 'start', because: ['not running'] };
  const record = recordOf(first);
  if (!record) return { app: app.name, do: 'delete-and-start', because: ['was not started from this file'] };
  const because = changedKeys(record.digests, digestsOf(app));
  if (because.some((key) => NEEDS_A_NEW_APP.has(key))) return { app: app.name, do: 'delete-and-start', because };
  if (because.length > 0) return { app: app.name, do: 'restart-with-changes', because };
  const down = processes.find(({ status }) => status === 'stopped' || status === 'errored');
  return down ? { app: app.name, do: 'resume', because: [down.status] } : { app: app.name, do: 'keep', because: [] };
}

/** One line for people. */
export function describeStep({ app, do: what, because }: Step): string {
  const why = because.map((key) => (key === 'env.LIFEGUARD_CONFIG_DIGEST' ? 'its configuration' : key)).join(', ');
  switch (what) {
    case 'keep':
      return `${app}: nothing changed, left running`;
    case 'start':
      return `${app}: started`;
    case 'resume':
      return `${app}: started again (was ${why})`;
    case 'restart-with-changes':
      return `${app}: restarted with changes (${why})`;
    case 'delete-and-start':
      return `${app}: replaced (${why})`;
    case 'delete':
      return `${app}: deleted (${why})`;
    default:
      return what satisfies never;
  }
}
