import type { WatchConfig, WatchedBackend } from '../../config/resolved.ts';
import { pendingOf } from '../apps/pending.ts';
import { planStart, type Step } from '../apps/reconcile.ts';
import { type Clash, clashesOf } from '../ownership/clash.ts';
import type { Ownership } from '../ownership/owner.ts';
import { recordOf } from '../ownership/record.ts';
import type { AppDeclaration, Pm2Process } from '../types.ts';
import { CONFIG_DIGEST, digestIn } from './config-file.ts';
import type { Ecosystem } from './ecosystem.ts';

/** What the ecosystem file says of an app, and what runs does not go by. */
export interface Unapplied {
  readonly app: string;
  /** `taken over`: it runs as it was found, and `keys` are applied at its next restart by us. */
  readonly what: 'changed' | 'not started' | 'no longer declared' | 'taken over';
  /** As the configuration calls them: `port`, `env.COLOUR`, `health`. */
  readonly keys: readonly string[];
  /** The files that were changed since it was applied; empty: none, as when a variable changed. */
  readonly files: readonly string[];
  /** Somebody else's app that has the name; null: nobody's. */
  readonly takenBy: Clash | null;
}

export interface Compared {
  readonly ecosystem: Ecosystem;
  readonly listed: readonly Pm2Process[];
  readonly ownership: Ownership;
  /** What lifeguard goes by; null: nothing is known. */
  readonly running: WatchConfig | null;
  /** When a file was changed last, wall clock ms. */
  readonly modifiedAt: (file: string) => number;
}

/** What lifeguard is told of a backend, in the configuration's words. */
const WORDS: readonly (readonly [keyof WatchedBackend, string])[] = [
  ['port', 'port'],
  ['targets', 'health'],
  ['policy', 'health or restart'],
  ['killTimeoutMs', 'kill_timeout'],
  ['dependencies', 'depends_on'],
  ['logs', 'logs'],
];

/** Compares what is declared now with what was applied to each app. Deterministic, asks nobody. */
export function unappliedChanges({ ecosystem, listed, ownership, running, modifiedAt }: Compared): Unapplied[] {
  const { apps, configured, watch } = ecosystem;
  const startedAs = (name: string) => {
    const process = listed.find((each) => each.name === name && ownership.isOurs(each));
    return process ? { process, record: ownership.ownerOf(process) } : null;
  };
  const declared = apps.map((app) => {
    const found = startedAs(app.name);
    return asStarted(app, found?.record?.envName ?? null, found ? digestIn(found.process.env) : null);
  });
  const changes = planStart({ apps: declared, configured }, listed, ownership).flatMap((step): Unapplied[] => {
    const keys = [...keysOf(step), ...watchKeys(step.app, watch, running)];
    const what = whatOf(step, keys);
    if (what === null) return [];
    const appliedAt = startedAs(step.app)?.record?.at ?? 0;
    const files = what === 'changed' ? watch.files.filter((file) => modifiedAt(file) > appliedAt) : [];
    const [takenBy = null] = clashesOf([step.app], listed, ownership);
    return [{ app: step.app, what, keys: what === 'changed' ? [...new Set(keys)] : [], files, takenBy }];
  });
  const taken = declared.flatMap((app): Unapplied[] => {
    const process = startedAs(app.name)?.process;
    const isAdopted = process && recordOf(process)?.file !== ownership.file;
    const keys = isAdopted ? pendingOf(app, process) : [];
    return keys.length > 0 ? [{ app: app.name, what: 'taken over', keys, files: [], takenBy: null }] : [];
  });
  return [...changes, ...taken];
}

/** The declaration with what only a start adds to it, as that was when the app was started. */
function asStarted(app: AppDeclaration, envName: string | null, digest: string | null): AppDeclaration {
  const named = envName === null ? {} : app[`env_${envName}`];
  return { ...app, env: { ...app.env, ...named, ...(digest === null ? {} : { [CONFIG_DIGEST]: digest }) } };
}

function whatOf(step: Step, keys: readonly string[]): Unapplied['what'] | null {
  if (step.do === 'start') return 'not started';
  if (step.do === 'delete' || step.do === 'delete-last') return 'no longer declared';
  return keys.length > 0 ? 'changed' : null;
}

function keysOf({ do: what, because }: Step): readonly string[] {
  return what === 'restart-with-changes' || what === 'delete-and-start' ? because : [];
}

function watchKeys(app: string, declared: WatchConfig, running: WatchConfig | null): string[] {
  if (running === null) return [];
  if (app === declared.name) return (['alerts', 'dashboard'] as const).filter((key) => !isSame(declared[key], running[key]));
  const [now, before] = [declared, running].map(({ backends }) => backends.find(({ name }) => name === app));
  return now && before ? WORDS.filter(([key]) => !isSame(now[key], before[key])).map(([, word]) => word) : [];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
