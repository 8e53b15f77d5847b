import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Draft, DraftBackend } from '../draft.ts';
import { nameFrom } from '../draft.ts';
import { healthAmong, routesIn } from '../health-routes.ts';
import { portOf } from '../ports.ts';
import type { ProjectFolder } from '../project-folder.ts';

/** Which environment the project's packages are in, as uv, poetry and pip make it. */
export interface PythonPlace {
  /** Whether a program such as uvicorn is there: in the environment, or on the PATH. */
  has(program: string): boolean;
  /** The version of a package; null: it cannot be told. */
  versionOf(distribution: string): string | null;
  /** How Python is called in a command: `venv/bin/python`, or `python3`. */
  readonly python: string;
  readonly venv: string | null;
}

interface App {
  /** `app.main:app` */
  readonly target: string;
  readonly file: string;
  /** `--app-dir src`, or nothing. */
  readonly folder: string | null;
  readonly isFactory: boolean;
}

const LOCAL = '127.0.0.1';

/** A Python web app: FastAPI and its kind, Django, Flask. null: it is none. */
export function readPython(project: ProjectFolder, place: PythonPlace): Draft | null {
  return readDjango(project, place) ?? readAsgi(project, place) ?? readFlask(project, place);
}

function readAsgi(project: ProjectFolder, place: PythonPlace): Draft | null {
  const app = appIn(
    project,
    /^(\w+)\s*(?::[^=\n]*)?=\s*(?:fastapi\.)?(?:FastAPI|Starlette|Litestar|Quart)\(/m,
    /^def\s+(\w+)\([^)]*\)\s*->\s*(?:fastapi\.)?FastAPI/m,
  );
  if (app === null) return null;
  const files = project.sources('.py');
  const port = portOf(project, files) ?? 8000;
  const graceful = isAtLeast(place.versionOf('uvicorn'), 0, 22) ? ' --timeout-graceful-shutdown 8' : '';
  const options = `${app.isFactory ? ' --factory' : ''}${app.folder === null ? '' : ` --app-dir ${app.folder}`}`;
  const command = `uvicorn ${app.target}${options} --host ${LOCAL} --port ${port}${graceful}`;
  const missing = place.has('uvicorn') ? [] : [installNote('uvicorn', place)];
  return draft(project, `a FastAPI app (${app.file})`, { command }, port, files, missing, '/openapi.json');
}

function readFlask(project: ProjectFolder, place: PythonPlace): Draft | null {
  const app = appIn(project, /^(\w+)\s*=\s*(?:flask\.)?Flask\(/m, /^def\s+(create_app)\(/m);
  if (app === null || !project.sources('.py').some((file) => /\bflask\b/.test(project.read(file) ?? ''))) return null;
  const files = project.sources('.py');
  const port = portOf(project, files) ?? 5000;
  const target = app.isFactory ? `${app.target}()` : app.target;
  const folder = app.folder === null ? '' : ` --chdir ${app.folder}`;
  if (place.has('gunicorn'))
    return draft(
      project,
      `a Flask app (${app.file})`,
      { command: `gunicorn '${target}'${folder} --bind ${LOCAL}:${port}` },
      port,
      files,
      [],
    );
  const command = `${place.python} -m flask --app ${app.target} run --host ${LOCAL} --port ${port}`;
  const note = `It runs on Flask's development server, as gunicorn is not installed. For production: ${installNote('gunicorn', place)}, and run init again.`;
  return draft(project, `a Flask app (${app.file})`, { command }, port, files, [note]);
}

function readDjango(project: ProjectFolder, place: PythonPlace): Draft | null {
  const manage = project.read('manage.py');
  if (manage === null || !manage.includes('DJANGO_SETTINGS_MODULE')) return null;
  const files = project.sources('.py');
  const wsgi = files.find((file) => /(^|\/)wsgi\.py$/.test(file));
  const port =
    portOf(
      project,
      files.filter((file) => !file.endsWith('settings.py')),
    ) ?? 8000;
  const note =
    'Django answers 400 to a host that is not in ALLOWED_HOSTS: 127.0.0.1 has to be in it, or set health.headers.Host.';
  const hosts = files.some((file) =>
    /ALLOWED_HOSTS\s*=\s*\[[^\]]*["'](?:\*|127\.0\.0\.1|localhost)["']|DEBUG\s*=\s*True/.test(project.read(file) ?? ''),
  )
    ? []
    : [note];
  if (wsgi !== undefined && place.has('gunicorn')) {
    const module = wsgi.slice(0, -3).replaceAll('/', '.');
    return draft(
      project,
      'a Django project (manage.py)',
      { command: `gunicorn ${module}:application --bind ${LOCAL}:${port}` },
      port,
      files,
      hosts,
    );
  }
  const command = `${place.python} manage.py runserver --noreload ${LOCAL}:${port}`;
  const development = `It runs on Django's development server, as gunicorn is not installed. For production: ${installNote('gunicorn', place)}, and run init again.`;
  return draft(project, 'a Django project (manage.py)', { command }, port, files, [development, ...hosts]);
}

function draft(
  project: ProjectFolder,
  found: string,
  run: DraftBackend['run'],
  port: number,
  files: readonly string[],
  notes: readonly string[],
  fallback: string | null = null,
): Draft {
  const { liveness, readiness } = healthAmong(routesIn(project, files));
  const health =
    liveness === null ? `No health route was found in the source: add one, such as /health, and name it here.` : null;
  const backend: DraftBackend = {
    name: nameFrom(project.name),
    run,
    port,
    liveness: liveness ?? fallback ?? 'tcp',
    readiness,
    comments: health === null ? {} : { health },
    maxMemory: null,
  };
  return { found, backends: [backend], notes: [...notes, ...(health === null ? [] : [health])], adopts: false };
}

/** The module that makes the app: at the top of one, or in a function. The usual names win. */
function appIn(project: ProjectFolder, made: RegExp, factory: RegExp): App | null {
  const candidates = project.sources('.py').toSorted((a, b) => rank(a) - rank(b));
  for (const [pattern, isFactory] of [
    [made, false],
    [factory, true],
  ] as const) {
    for (const file of candidates) {
      const [, name] = pattern.exec(project.read(file) ?? '') ?? [];
      if (name !== undefined) return { ...placeOf(project, file, name), file, isFactory };
    }
  }
  return null;
}

function rank(file: string): number {
  const usual = /(^|\/)(main|app|asgi|server|api|wsgi)\.py$/.test(file) ? 0 : 10;
  return usual + file.split('/').length;
}

/** `src/main.py` is imported from within src, `app/main.py` of a package from above it. */
function placeOf(project: ProjectFolder, file: string, name: string): Pick<App, 'target' | 'folder'> {
  const module = file.slice(0, -3).replace(/\/__init__$/, '');
  const [top = '', ...rest] = module.split('/');
  const isSource = rest.length > 0 && top === 'src' && !project.has('src/__init__.py');
  return { target: `${(isSource ? rest : [top, ...rest]).join('.')}:${name}`, folder: isSource ? 'src' : null };
}

/** @returns nothing of it is run */
export function pythonPlace(project: ProjectFolder, path: string): PythonPlace {
  const venv = ['venv', '.venv', 'env'].find((folder) => project.has(`${folder}/bin/python`)) ?? null;
  const folders = [...(venv === null ? [] : [join(project.path, venv, 'bin')]), ...path.split(delimiter)];
  return {
    venv,
    python: venv === null ? 'python3' : `${venv}/bin/python`,
    has: (program) => folders.some((folder) => existsSync(join(folder, program))),
    versionOf: (distribution) => (venv === null ? null : versionIn(join(project.path, venv, 'lib'), distribution)),
  };
}

function versionIn(lib: string, distribution: string): string | null {
  for (const python of entriesOf(lib))
    for (const entry of entriesOf(join(lib, python, 'site-packages'))) {
      const [, name, version] = /^(.+)-([\d.]+\w*)\.dist-info$/.exec(entry) ?? [];
      if (name === distribution && version !== undefined) return version;
    }
  return null;
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isAtLeast(version: string | null, major: number, minor: number): boolean {
  const [own = 0, second = 0] = (version ?? '').split('.').map(Number);
  return version !== null && (own > major || (own === major && second >= minor));
}

function installNote(program: string, { venv }: PythonPlace): string {
  return `${program} is not installed: ${venv === null ? 'pip' : `${venv}/bin/pip`} install ${program}`;
}
