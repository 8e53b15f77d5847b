import { join } from 'node:path';
import { databaseOf } from '../config/companion-names.ts';
import type { LogPolicy, ResolvedBackend, ResolvedConfig } from '../config/resolved.ts';
import type { AppDeclaration } from '../pm2/types.ts';
import { declareCompanion } from './app.ts';
import type { Machine } from './machine.ts';
import { binFile, builtOrSource, PACKAGE_ROOT } from './package-root.ts';

const PROBE = 'probes/lifeguard.probe.ts';
const EMBEDDED_DATABASE = 'src/backend/embedded-database.ts';
const REFERENCE_BACKENDS = ['src/backend/main.ts', 'dist/src/backend/main.js'].map((file) => join(PACKAGE_ROOT, file));

/** Up to so many backends V8's optimizing compiler takes more memory (6 MB) than it is worth. */
const FEW = 10;
/** From so many on a small young generation takes more of the processor than it is worth. */
const MANY = 100;

/** As the schema's defaults for a backend's logs have it. */
const COMPANION_LOGS = {
  maxSizeBytes: 10 * 1024 ** 2,
  retainMs: 10 * 86_400_000,
  compress: true,
  maxTotalBytes: null,
  files: [],
};

/** The app that watches the backends. At its start it is told which configuration is its own. LIFEGUARD_HOST is for it, too: see thisHost. */
export function declareLifeguard(
  { directory, lifeguard, backends }: ResolvedConfig,
  logs: string,
  { LIFEGUARD_HOST }: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): AppDeclaration {
  const env = LIFEGUARD_HOST ? { LIFEGUARD_HOST } : {};
  const rest = { cwd: directory, env, kill_timeout: 5_000, logs: { directory: logs } };
  return own(lifeguard.name, PROBE, machine, { ...rest, backends: backends.length });
}

/** PostgreSQL for the reference backend, when nothing says where another one is; else null. */
export function declareDatabase(
  config: ResolvedConfig,
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): AppDeclaration | null {
  const needy = config.backends.find((backend) => isReferenceBackend(backend) && !backend.run.env.DATABASE_URL);
  if (!needy || environment.DATABASE_URL) return null;
  const declared = own(databaseOf(config.lifeguard.name), EMBEDDED_DATABASE, machine, {
    cwd: needy.run.cwd, // both find the folder data/ there, and in it the file with the URL
    env: {},
    kill_timeout: 15_000, // PostgreSQL finishes what it has begun to write
    logs: { directory: join(config.directory, 'logs') },
    backends: 0,
  });
  // It stops its server itself: PM2's signal to the whole tree makes PostgreSQL's checkpointer panic.
  return { ...declared, treekill: false };
}

/** What is worth telling at the start. */
export function companionNotes(): string[] {
  const unbuilt =
    'lifeguard is not built (or is older than its source) and runs from TypeScript, which costs 35 MB of memory: npm run build';
  return builtOrSource(PROBE).built ? [] : [unbuilt];
}

/** The rotation of the companions' own logs. */
export function companionLogs(directory: string): LogPolicy {
  return { directory, ...COMPANION_LOGS };
}

/** This package's own backend: run from its compiled file when there is one. */
export function withBuiltReference(backend: ResolvedBackend): ResolvedBackend {
  if (!isReferenceBackend(backend) || backend.run.program.kind !== 'script') return backend;
  const { script } = builtOrSource('src/backend/main.ts');
  return { ...backend, run: { ...backend.run, program: { ...backend.run.program, script } } };
}

/** Which variables a backend is known to read, whether its configuration names them or not. */
export function readsVariable(backend: ResolvedBackend, name: string): boolean {
  return isReferenceBackend(backend) && name === 'DATABASE_URL';
}

function isReferenceBackend({ run }: ResolvedBackend): boolean {
  return run.program.kind === 'script' && REFERENCE_BACKENDS.includes(run.program.script);
}

/** V8's flags for what is to be small, and quick where it has much to do: docs/decisions/small-process.md. lifeguard collects once its start is over. */
function heapFlags(backends: number): string[] {
  const youngMb = backends < MANY ? 2 : 8;
  return [`--max-semi-space-size=${youngMb}`, '--expose-gc', ...(backends > FEW ? [] : ['--no-opt'])];
}

interface Own extends Omit<Parameters<typeof declareCompanion>[3], 'node_args'> {
  readonly backends: number;
}

function own(name: string, source: string, machine: Machine, { backends, ...rest }: Own) {
  const { script, built } = builtOrSource(source);
  const typescript = !built && !machine.stripsTypes ? ['--import', binFile('typescript.js')] : [];
  return declareCompanion(name, script, machine, { ...rest, node_args: [...heapFlags(backends), ...typescript] });
}
