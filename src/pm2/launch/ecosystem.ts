import type { ResolvedConfig, WatchConfig } from '../../config/resolved.ts';
import type { Declared } from '../apps/reconcile.ts';
import type { Role } from '../ownership/record.ts';
import type { AppDeclaration, Pm2Process } from '../types.ts';

/** What an ecosystem file comes to: the apps that PM2 is to run, and what lifeguard is told. A value; nothing has been done yet. */
export interface Ecosystem {
  /** The ecosystem file by its logical path: whose the apps are. */
  readonly file: string;
  /** What it was made from. */
  readonly config: ResolvedConfig;
  /** In the order in which they start: what others need comes first, lifeguard last. They stop in reverse. */
  readonly apps: readonly AppDeclaration[];
  /** Those of `apps` that are backends; the others are companions. */
  readonly backends: readonly string[];
  /** Which of `apps` watches the backends, and what it is told when all of them are started. */
  readonly watcher: string;
  readonly watch: WatchConfig;
  /** By app: what is compared of it. */
  readonly configured: Declared['configured'];
  /** By app: variables of the launcher's environment that it must not inherit, because its env_file sets them when it starts. */
  readonly withheld: Readonly<Record<string, readonly string[]>>;
  /** What a restart with our declaration would change of an app of this name that somebody else has started: `command`, `env.COLOUR`. */
  readonly wouldChange: (app: string, processes: readonly Pm2Process[]) => readonly string[];
  /** Worth knowing, nothing to stop for. */
  readonly notes: readonly string[];
  /** Looks at the machine and says why it cannot be started as it is, or may not work: a program, module or folder that is not there. */
  readonly problems: () => readonly Problem[];
}

/** What is wrong with a backend on this machine, as a sentence that begins with its name. */
export interface Problem {
  readonly text: string;
  /** false: it is a guess, from a command line that its program may read in another way. A warning. */
  readonly certain: boolean;
}

/** Shared by all copies of this package in one process: the file may import another one than the `pm2` that loads it. */
const ECOSYSTEM = Symbol.for('pm2-lifeguard.ecosystem');

/** PM2 takes the export `apps` of an ecosystem file and nothing else: the whole ecosystem rides on it, unseen. */
export function appsCarrying(ecosystem: Ecosystem): AppDeclaration[] {
  const apps = ecosystem.apps.map((app) => ({ ...app }));
  Object.defineProperty(apps, ECOSYSTEM, { value: ecosystem });
  return apps;
}

/** The ecosystem that rides on a file's `apps`, or null if that file was not made with `defineEcosystem`. */
export function ecosystemOf(apps: unknown): Ecosystem | null {
  if (!Array.isArray(apps)) return null;
  return (apps as { [ECOSYSTEM]?: Ecosystem })[ECOSYSTEM] ?? null;
}

/** The same, known by another path than the real one that Node gave to the file. */
export function knownAs(file: string, ecosystem: Ecosystem): Ecosystem {
  return { ...ecosystem, file, watch: { ...ecosystem.watch, owner: file } };
}

/** What an app of it is to the others. */
export function roleIn({ watcher, backends }: Ecosystem, app: string): Role {
  return app === watcher ? 'watcher' : backends.includes(app) ? 'backend' : 'companion';
}
