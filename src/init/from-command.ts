import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { splitCommand } from '../config/command-line.ts';
import { namesSecret } from '../host/command-line.ts';
import type { DraftBackend, DraftRun } from './draft.ts';
import { nameFrom } from './draft.ts';
import { healthAmong, routesIn } from './health-routes.ts';
import { portOf } from './ports.ts';
import { type ProjectFolder, projectFolder } from './project-folder.ts';
import { quoted, runFrom } from './readers/node.ts';
import type { SimpleCommand } from './simple-command.ts';

/** A command line that another program keeps running until now, with what that program says of it. */
export interface FoundCommand {
  readonly name: string;
  readonly command: SimpleCommand;
  /** Absolute, or below the project; null: the project's folder. */
  readonly folder: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are put in at the start, as backend.yaml writes it: `${TOKEN}`. */
  readonly envFromOutside?: Readonly<Record<string, string>>;
  readonly envFile: string | null;
  /** On which it is expected to listen, where the command does not say; null: nobody says. */
  readonly port: number | null;
  /** What is asked for its health; null: it is looked for. */
  readonly liveness: string | null;
  readonly maxMemory: string | null;
}

/** What comes to backend.yaml of such a command; what somebody has to look at goes to the notes. */
export function backendFrom(project: ProjectFolder, found: FoundCommand, notes: string[]): DraftBackend {
  const { own, cwd, base } = placeOf(project, found, notes);
  const command = rebased(own, base, found.command);
  const { PORT, ...env } = { ...command.env, ...found.env };
  const run = literal({ ...below(cwd, runFrom(own, { ...command, env })), ...fileOf(found) });
  const variables = { ...run.env, ...found.envFromOutside };
  const secret = Object.entries(env).flatMap(([key, value]) => (namesSecret(key) || /:[^/@]+@/.test(value) ? [key] : []));
  if (secret.length > 0)
    notes.push(
      `${found.name}: ${secret.join(', ')} may be secret: in a file that run.env_file names it stays out of PM2's saved list`,
    );
  const files = own.sources('.py', '.js', '.mjs', '.cjs', '.ts');
  const told = portInArgs(command.args) ?? portInText(PORT) ?? found.port;
  const port = told ?? portOf(own, run.script === undefined ? [] : [run.script]);
  const routes = port === null ? { liveness: null, readiness: null } : healthAmong(routesIn(own, files));
  const liveness = found.liveness ?? routes.liveness;
  const health = port === null ? NO_PORT : liveness === null ? NO_ROUTE : null;
  if (health !== null) notes.push(`${found.name}: ${health.charAt(0).toLowerCase()}${health.slice(1)}`);
  return {
    name: /^[a-z0-9][\w.-]{0,63}$/i.test(found.name) ? found.name : nameFrom(found.name),
    run: { ...run, ...(Object.keys(variables).length > 0 && { env: variables }) },
    port,
    liveness: port === null ? null : (liveness ?? 'tcp'),
    readiness: liveness === routes.liveness ? routes.readiness : null,
    comments: health === null ? {} : { health },
    maxMemory: found.maxMemory,
  };
}

/** Scripts and programs are named from the folder of backend.yaml, whatever folder they run in. */
function below(cwd: string | null, run: DraftRun): DraftRun {
  if (cwd === null) return run;
  const named = (path: string) => (isAbsolute(path) ? path : join(cwd, path));
  if (run.script !== undefined) return { ...run, script: named(run.script), cwd };
  const split = splitCommand(run.command ?? '');
  if (!split.ok || !split.value.program.includes('/')) return { ...run, cwd };
  return { ...run, command: [named(split.value.program), ...split.value.args].map(quoted).join(' '), cwd };
}

function fileOf({ envFile }: FoundCommand): Pick<DraftRun, 'envFile'> {
  return envFile === null ? {} : { envFile };
}

/** In backend.yaml `${` begins a variable; what was found holds none. */
function literal(run: DraftRun): DraftRun {
  const told = (_key: string, value: unknown) => (typeof value === 'string' ? value.replaceAll('${', () => '$${') : value);
  return JSON.parse(JSON.stringify(run, told)) as DraftRun;
}

const NO_PORT = 'No port was found: only its end is seen. If it answers requests, name its port and what to ask.';
const NO_ROUTE = 'No health route was found in the source: add one, such as /health, and name it here.';

interface Place {
  readonly own: ProjectFolder;
  /** As backend.yaml has it; null: the project's folder. */
  readonly cwd: string | null;
  /** Where the other program has it. */
  readonly base: string;
}

/** A file that was written for another machine names folders that are not here: then it is about this one. */
function placeOf(project: ProjectFolder, { name, folder }: FoundCommand, notes: string[]): Place {
  if (folder === null) return { own: project, cwd: null, base: project.path };
  const path = isAbsolute(folder) ? folder : join(project.path, folder);
  if (path === project.path) return { own: project, cwd: null, base: path };
  if (!existsSync(path)) {
    notes.push(`${name}: its folder ${folder} is not there: the one of the project is taken (run.cwd)`);
    return { own: project, cwd: null, base: path };
  }
  const below = relative(project.path, path);
  return { own: projectFolder(path), cwd: below.startsWith('..') ? path : below, base: path };
}

/** Programs and scripts by their place in the project, where they are there. */
function rebased(own: ProjectFolder, base: string, { env, program, args }: SimpleCommand): SimpleCommand {
  const short = (word: string) => {
    const below = isAbsolute(word) ? relative(base, word) : word;
    return !below.startsWith('..') && own.has(below) ? below : word;
  };
  const named = /^\/(usr\/(local\/)?)?bin\/node$/.test(program) ? 'node' : short(program);
  return { env, program: named, args: args.map(short) };
}

/** `--port 8000`, `--bind 0.0.0.0:8000`, `-b :8000`. */
function portInArgs(args: readonly string[]): number | null {
  const [, port] = /(?:^| )(?:--port|-p|--bind|-b)[ =](?:\S*:)?(\d{2,5})\b/.exec(args.join(' ')) ?? [];
  return portInText(port);
}

function portInText(text: string | undefined): number | null {
  return text !== undefined && /^\d{2,5}$/.test(text) ? Number(text) : null;
}
