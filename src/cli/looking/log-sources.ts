import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { ecosystemAt } from '../backends.ts';
import { fileMeant, ownershipHere } from '../project.ts';
import { listProcesses } from './look.ts';

/** One log file of an app: PM2 writes one for each of its two streams. */
export interface LogSource {
  readonly app: string;
  readonly stream: 'out' | 'err';
  readonly file: string;
}

export interface LogSources {
  readonly sources: readonly LogSource[];
  /** One of these apps is in PM2's list. */
  readonly running: boolean;
}

/**
 * The log files of the apps that are named, or of all of the project: those that PM2 has, else those that the ecosystem file declares.
 * @throws LifeguardError `usage` for a name that is in neither
 */
export async function logSourcesHere(pm2Home: string, config: string | undefined, names: readonly string[]): Promise<LogSources> {
  const listed = (await listProcesses(pm2Home)) ?? [];
  const file = fileMeant(pm2Home, config, listed);
  const ours = file === null ? [] : listed.filter(ownershipHere(pm2Home, file, listed).isOurs);
  const running = ours.map(({ name, outFile, errorFile }) => ({ app: name, out: outFile, err: errorFile }));
  if (running.length > 0 && names.every((name) => running.some(({ app }) => app === name)))
    return { sources: sourcesOf(running, names), running: true };

  const { apps } = await ecosystemAt(config);
  const declared = apps.map(({ name, out_file, error_file }) => ({ app: name, out: out_file, err: error_file }));
  const unknown = names.filter((name) => !declared.some(({ app }) => app === name));
  if (unknown.length > 0)
    throw new LifeguardError('usage', `there is no app ${unknown.join(', ')}`, {
      hint: `There is ${declared.map(({ app }) => app).join(', ')}.`,
    });
  return { sources: sourcesOf(declared, names), running: false };
}

/** Each file once: the workers of a cluster share theirs. */
function sourcesOf(apps: readonly { app: string; out: string; err: string }[], names: readonly string[]): LogSource[] {
  const found = new Map<string, LogSource>();
  for (const { app, out, err } of apps) {
    if (names.length > 0 && !names.includes(app)) continue;
    for (const [stream, file] of [
      ['out', out],
      ['err', err],
    ] as const) {
      if (file !== '' && file !== '/dev/null' && !found.has(file)) found.set(file, { app, stream, file });
    }
  }
  return [...found.values()];
}
