import type { ResolvedBackend } from '../config/resolved.ts';
import type { Configured } from '../pm2/apps/digests.ts';
import { isGated } from '../pm2/gate/waits.ts';
import type { AppDeclaration } from '../pm2/types.ts';
import { readsVariable } from './companions.ts';

/** A shorter value is found somewhere by chance. */
const TELLING_LENGTH = 4;

/** What the apps of an ecosystem have around them. */
interface Around {
  /** Variables that the files of the configuration name. */
  readonly named: ReadonlySet<string>;
  /** The user's own variables, which all apps inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  /** By backend: those of them that it does not, for its env_file sets them. */
  readonly withheld: Readonly<Record<string, readonly string[]>>;
}

/** What is compared of a backend between two starts. */
export function configuredBackend(backend: ResolvedBackend, { named, inherited, withheld }: Around): Configured {
  const { program, envFile, env } = backend.run;
  const executed =
    program.kind === 'command'
      ? { command: [program.program, ...program.args] }
      : { script: program.script, interpreter: program.interpreter, args: program.args };
  const used = Object.entries(inherited).filter(
    ([name, value]) =>
      !(name in env) &&
      !withheld[backend.name]?.includes(name) &&
      (readsVariable(backend, name) || (named.has(name) && speaksOf(backend, value))),
  );
  const waits = isGated(backend) ? { waits: true, once: backend.once } : {}; // absent where nothing waits: what runs since before there were gates is unchanged
  return { run: { ...executed, env_file: envFile, ...waits }, inherited: Object.fromEntries(used) };
}

/** What is compared of a companion: it runs on the Node that starts it, whatever that is called. */
export function configuredCompanion({ script }: AppDeclaration): Configured {
  return { run: { script }, inherited: {} };
}

/** The value of a variable is found in what is configured of a backend, as after `check: ${DATABASE_URL}`: it is for this one. */
function speaksOf({ run, targets, dependencies }: ResolvedBackend, value: string): boolean {
  return value.length >= TELLING_LENGTH && textsIn([run, targets, dependencies]).some((text) => text.includes(value));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
