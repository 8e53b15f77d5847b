import type { Ownership } from '../ownership/owner.ts';
import type { AppRecord } from '../ownership/record.ts';
import type { AppDeclaration, Pm2Process } from '../types.ts';
import { type Configured, changedKeys, changedSinceFirst, digestsOf } from './digests.ts';

/**
 * What is to become of one app, and why.
 * `resume`: it is declared as it was, but stopped or errored. `restart-with-changes`: the new declaration is put in its place and
 * it is restarted under the same id. `delete-and-start`: what changed cannot be put into a process that PM2 already has.
 * `delete-last`: a companion, once all who may use it have been changed.
 */
export interface Step {
  readonly app: string;
  readonly do: 'keep' | 'start' | 'resume' | 'restart-with-changes' | 'delete-and-start' | 'delete' | 'delete-last';
  /** Changed keys such as `env.PORT`, or a word for what is the case. */
  readonly because: readonly string[];
}

/** PM2 makes as many processes as it is told when an app is started, in the mode of that moment; later it can only restart them. */
const NEEDS_A_NEW_APP = new Set(['exec_mode', 'instances']);

/** What is declared: the apps in the order in which they start, and by name what is compared of them. */
export interface Declared {
  /** A job of ours that is stopped because it is done. */
  readonly isDone?: (process: Pm2Process) => boolean;
  readonly apps: readonly AppDeclaration[];
  readonly configured: Readonly<Record<string, Configured>>;
}

/**
 * Compares what is declared with what runs of ours. Deterministic, asks nobody, does nothing; others' apps are not looked at.
 * What is ours and no longer declared is deleted, unless `only` narrows the view: a backend first, for what comes instead may need its
 * port; a companion last, for a backend uses it until it is moved.
 */
export function planStart(
  { apps, configured, isDone = () => false }: Declared,
  listed: readonly Pm2Process[],
  { ownerOf, isOurs }: Ownership,
  only: readonly string[] | null = null,
): Step[] {
  const ours = listed.flatMap((process) => {
    const record = isOurs(process) ? ownerOf(process) : null;
    return record ? [{ process, record }] : [];
  });
  const steps = apps
    .filter((app) => !only || only.includes(app.name))
    .map((app) =>
      stepFor(
        app,
        configured[app.name],
        ours.filter(({ process }) => process.name === app.name),
        isDone,
      ),
    );
  if (only) return steps;
  const gone = ours.filter(({ process }) => !apps.some(({ name }) => name === process.name));
  const goneAs = (how: 'delete' | 'delete-last') => {
    const names = gone.flatMap(({ process, record }) =>
      (record.role === 'companion') === (how === 'delete-last') ? process.name : [],
    );
    return [...new Set(names)].map((app): Step => ({ app, do: how, because: ['no longer declared'] }));
  };
  return [...goneAs('delete'), ...steps, ...goneAs('delete-last')];
}

interface Own {
  readonly process: Pm2Process;
  readonly record: AppRecord;
}

function stepFor(
  app: AppDeclaration,
  configured: Configured | undefined,
  own: readonly Own[],
  isDone: (process: Pm2Process) => boolean,
): Step {
  const [first] = own;
  if (!first) return { app: app.name, do: 'start', because: ['not running'] };
  const { at, digests } = first.record;
  const because = at === 0 ? changedSinceFirst(digests, app) : changedKeys(digests, digestsOf(app, configured));
  if (because.some((key) => NEEDS_A_NEW_APP.has(key))) return { app: app.name, do: 'delete-and-start', because };
  if (because.length > 0) return { app: app.name, do: 'restart-with-changes', because };
  const down = own.find(({ process }) => (process.status === 'stopped' || process.status === 'errored') && !isDone(process));
  return down ? { app: app.name, do: 'resume', because: [down.process.status] } : { app: app.name, do: 'keep', because: [] };
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
    case 'delete-last':
      return `${app}: deleted (${why})`;
    default:
      return what satisfies never;
  }
}
