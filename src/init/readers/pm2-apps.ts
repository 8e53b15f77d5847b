import { isAbsolute, join, relative } from 'node:path';
import { formatSize } from '../../units/size.ts';
import type { Draft, DraftBackend, DraftRun } from '../draft.ts';
import { nameFrom } from '../draft.ts';
import { healthAmong, routesIn } from '../health-routes.ts';
import { portOf } from '../ports.ts';
import { type ProjectFolder, projectFolder } from '../project-folder.ts';
import { parseSimple } from '../simple-command.ts';
import { runFrom } from './node.ts';

/** An app as PM2 knows it, from a file or from its list. */
export interface Pm2App {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** null: by the script's extension. `none`: it is a program by itself. */
  readonly interpreter: string | null;
  readonly cwd: string;
  readonly instances: number;
  readonly env: Readonly<Record<string, string>>;
  readonly maxMemory: string | null;
  /** On which it was seen to listen; null: not looked at. */
  readonly port: number | null;
}

/** What is taken over of a declaration, in PM2's own spelling; the rest is said. */
const TAKEN = new Set([
  'name',
  'script',
  'args',
  'interpreter',
  'exec_interpreter',
  'cwd',
  'instances',
  'exec_mode',
  'env',
  'max_memory_restart',
]);
/** What lifeguard does by itself, so that nobody misses it. */
const OURS = new Set([
  'autorestart',
  'max_restarts',
  'min_uptime',
  'restart_delay',
  'exp_backoff_restart_delay',
  'out_file',
  'error_file',
  'log_file',
  'merge_logs',
  'log_date_format',
  'time',
  'pid_file',
  'kill_timeout',
  'listen_timeout',
  'wait_ready',
  'treekill',
  'pmx',
  'vizion',
  'namespace',
  'source_map_support',
  'combine_logs',
  'out',
  'error',
  'log',
]);

/** The apps of an `ecosystem.config.js` or `.json`. */
export function readEcosystem(project: ProjectFolder, file: string, apps: readonly Readonly<Record<string, unknown>>[]): Draft {
  const read = apps.map((app, i) => appFrom(app, project.path, i));
  const left = apps.flatMap((app) => {
    const keys = Object.keys(app).filter((key) => !TAKEN.has(key) && !OURS.has(key));
    return keys.length === 0 ? [] : [`${String(app.name ?? app.script)}: not taken over: ${keys.join(', ')}`];
  });
  const beside = `${file} stays as it is: from now on say \`npx lifeguard start\`, as \`pm2 start\` alone would take ${file}.`;
  return draftOf(project, file, read, [...left, beside], false);
}

/** What PM2 runs now. */
export function readRunning(project: ProjectFolder, apps: readonly Pm2App[]): Draft {
  return draftOf(project, `${apps.length} ${apps.length === 1 ? 'app' : 'apps'} that PM2 runs`, apps, [], true);
}

function draftOf(
  project: ProjectFolder,
  found: string,
  apps: readonly Pm2App[],
  notes: readonly string[],
  adopts: boolean,
): Draft {
  const made = apps.map((app) => backendOf(project, app));
  return {
    found,
    backends: made.flatMap(({ backend }) => backend ?? []),
    notes: [...notes, ...made.flatMap((each) => each.notes)],
    adopts,
  };
}

function appFrom(app: Readonly<Record<string, unknown>>, folder: string, index: number): Pm2App {
  const text = (key: string) => (typeof app[key] === 'string' ? (app[key] as string) : null);
  const env = Object.entries((app.env ?? {}) as Record<string, unknown>).map(([name, value]) => [name, String(value)]);
  const cwd = text('cwd') ?? folder;
  return {
    name: text('name') ?? `app-${index}`,
    script: text('script') ?? '',
    args: Array.isArray(app.args) ? app.args.map(String) : (text('args')?.split(/\s+/) ?? []),
    interpreter: text('interpreter') ?? text('exec_interpreter'),
    cwd: isAbsolute(cwd) ? cwd : join(folder, cwd),
    instances:
      typeof app.instances === 'number' && app.instances > 0
        ? app.instances
        : app.instances === 'max'
          ? 0
          : Number(app.instances ?? 1),
    env: Object.fromEntries(env) as Record<string, string>,
    maxMemory: typeof app.max_memory_restart === 'number' ? formatSize(app.max_memory_restart) : text('max_memory_restart'),
    port: null,
  };
}

function backendOf(project: ProjectFolder, app: Pm2App): { backend: DraftBackend | null; notes: string[] } {
  const notes: string[] = [];
  const own = projectFolder(app.cwd);
  const run = runOf(own, app);
  if (run === null) {
    return {
      backend: null,
      notes: [`${app.name}: what it runs needs a shell, so it is left out: ${[app.script, ...app.args].join(' ')}`],
    };
  }
  const files =
    run.script === undefined
      ? own.sources('.py', '.js', '.mjs', '.cjs', '.ts')
      : [run.script, ...own.sources('.js', '.mjs', '.cjs', '.ts')];
  const port = app.port ?? portInEnv(app.env) ?? portInArgs(app.args) ?? portOf(own, run.script === undefined ? [] : files);
  const { PORT: _port, ...env } = app.env;
  const { liveness, readiness } = port === null ? { liveness: null, readiness: null } : healthAmong(routesIn(own, files));
  const health =
    port === null
      ? 'No port was found: only its end is seen. If it answers requests, name its port and what to ask.'
      : liveness === null
        ? 'No health route was found in the source: add one, such as /health, and name it here.'
        : null;
  if (health !== null) notes.push(`${app.name}: ${health.charAt(0).toLowerCase()}${health.slice(1)}`);
  if (app.instances < 1) notes.push(`${app.name}: instances was 'max' or less than 1: name a number, as it is 1 now.`);
  const cwd = relative(project.path, app.cwd);
  return {
    backend: {
      name: nameFrom(app.name) === app.name.toLowerCase() ? app.name : nameFrom(app.name),
      run: {
        ...run,
        ...(cwd === '' ? {} : { cwd: cwd.startsWith('..') ? app.cwd : cwd }),
        ...(app.instances > 1 && { instances: app.instances }),
        ...(Object.keys(env).length > 0 && { env: { ...run.env, ...env } }),
      },
      port,
      liveness: port === null ? null : (liveness ?? 'tcp'),
      readiness,
      comments: health === null ? {} : { health },
      maxMemory: app.maxMemory,
    },
    notes,
  };
}

/** `pm2 start "uvicorn main:app"` is `bash -c 'uvicorn main:app'` to PM2. */
function runOf(project: ProjectFolder, { script, args, interpreter }: Pm2App): DraftRun | null {
  if (/^((\/usr)?\/bin\/)?(bash|sh)$/.test(script) && args[0] === '-c') {
    const simple = parseSimple(args.slice(1).join(' '));
    return simple === null ? null : runFrom(project, simple);
  }
  if (script.includes(' ')) {
    const simple = parseSimple([script, ...args].join(' '));
    return simple === null ? null : runFrom(project, simple);
  }
  const file = isAbsolute(script) && !relative(project.path, script).startsWith('..') ? relative(project.path, script) : script;
  const isScript =
    interpreter !== 'none' && project.has(file) && (interpreter !== null || /\.([cm]?[jt]s|py|sh|rb|php|pl)$/.test(file));
  if (!isScript) return { command: [file, ...args].join(' ') };
  const named = interpreter === null || /(^|\/)node$/.test(interpreter) ? {} : { interpreter };
  return { script: file, ...named, ...(args.length > 0 && { args }) };
}

function portInEnv({ PORT }: Readonly<Record<string, string>>): number | null {
  return PORT !== undefined && /^\d+$/.test(PORT) ? Number(PORT) : null;
}

function portInArgs(args: readonly string[]): number | null {
  const [, port] = /(?:--port|-p|--bind|-b)[ =](?:\S*:)?(\d{2,5})\b/.exec(args.join(' ')) ?? [];
  return port === undefined ? null : Number(port);
}
