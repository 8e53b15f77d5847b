import type { Draft, DraftRun } from '../draft.ts';
import { nameFrom } from '../draft.ts';
import { healthAmong, routesIn } from '../health-routes.ts';
import { portOf } from '../ports.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { parseSimple, type SimpleCommand } from '../simple-command.ts';

interface Package {
  readonly name?: string;
  readonly main?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Where they listen unless they are told otherwise. */
const DEFAULT_PORTS: readonly (readonly [dependency: string, port: number])[] = [
  ['next', 3000],
  ['nuxt', 3000],
  ['@nestjs/core', 3000],
  ['@strapi/strapi', 1337],
  ['koa', 3000],
  ['express', 3000],
  ['fastify', 3000],
];
const FRAMEWORKS: Readonly<Record<string, string>> = { '@nestjs/core': 'Nest', '@strapi/strapi': 'Strapi' };
const ENTRIES = [
  'server.js',
  'server.mjs',
  'server.ts',
  'index.js',
  'index.mjs',
  'index.ts',
  'app.js',
  'src/index.js',
  'src/index.ts',
  'src/server.ts',
];

/** A Node project with something to start. null: it is none. */
export function readNode(project: ProjectFolder): Draft | null {
  const text = project.read('package.json');
  if (text === null) return null;
  const own = packageFrom(text);
  const started = runOf(project, own);
  if (started === null) return null;
  const files = project.sources('.js', '.mjs', '.cjs', '.ts', '.mts');
  const framework = DEFAULT_PORTS.find(([name]) => own.dependencies?.[name] !== undefined);
  const named = portOf(project, files);
  const port = named ?? framework?.[1] ?? 3000;
  const isGuess = named === null && framework === undefined;
  const { liveness, readiness } = healthAmong(routesIn(project, files));
  const health =
    liveness === null ? 'No health route was found in the source: add one, such as /healthz, and name it here.' : null;
  const guess = isGuess
    ? 'No port was found in the source: is this the one that it listens on? It is told by the variable PORT, too.'
    : null;
  return {
    found: `a Node project${framework === undefined ? '' : ` (${FRAMEWORKS[framework[0]] ?? framework[0]})`}: ${started.from}`,
    backends: [
      {
        name: nameFrom(own.name ?? project.name),
        run: started.run,
        port,
        liveness: liveness ?? 'tcp',
        readiness,
        comments: { ...(health !== null && { health }), ...(guess !== null && { port: guess }) },
        maxMemory: null,
      },
    ],
    notes: [...started.notes, ...[guess, health].flatMap((note) => note ?? [])],
    adopts: false,
  };
}

interface Started {
  readonly run: DraftRun;
  readonly from: string;
  readonly notes: readonly string[];
}

function runOf(project: ProjectFolder, { scripts, main }: Package): Started | null {
  const start = scripts?.start;
  if (start !== undefined) {
    const simple = parseSimple(start);
    if (simple === null)
      return {
        run: { command: 'npm start' },
        from: 'npm start',
        notes: [`The start script is a line for a shell, so it is started by npm: ${start}`],
      };
    return { run: runFrom(project, simple), from: `its start script, ${start}`, notes: [] };
  }
  const entry = [...(main === undefined ? [] : [main]), ...ENTRIES].find((file) => project.has(file));
  return entry === undefined ? null : { run: { script: entry }, from: entry, notes: [] };
}

/** A script of Node's by its name, so that PM2 knows it; a program of a package from node_modules. */
export function runFrom(project: ProjectFolder, { env, program, args }: SimpleCommand): DraftRun {
  const variables = Object.keys(env).length > 0 ? { env } : {};
  const [script, ...rest] = args;
  if (
    (program === 'node' || program === 'tsx') &&
    script !== undefined &&
    !script.startsWith('-') &&
    hasScript(project, script)
  ) {
    const interpreter = program === 'tsx' ? { interpreter: 'tsx' } : {};
    return { script: fileOf(project, script), ...interpreter, ...(rest.length > 0 && { args: rest }), ...variables };
  }
  const bin = `node_modules/.bin/${program}`;
  return { command: [project.has(bin) ? bin : program, ...args.map(quoted)].join(' '), ...variables };
}

function hasScript(project: ProjectFolder, script: string): boolean {
  return project.has(fileOf(project, script));
}

/** `node server` means server.js, `node .` the main file's folder. */
function fileOf(project: ProjectFolder, script: string): string {
  return [script, `${script}.js`, `${script}/index.js`].find((file) => project.read(file) !== null) ?? script;
}

/** A word of a command line of backend.yaml. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function packageFrom(text: string): Package {
  try {
    return JSON.parse(text) as Package;
  } catch {
    return {};
  }
}
