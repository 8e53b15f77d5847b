import type { Draft, DraftBackend } from '../draft.ts';
import { nameFrom } from '../draft.ts';
import { healthAmong, routesIn } from '../health-routes.ts';
import { portOf } from '../ports.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { parseSimple } from '../simple-command.ts';
import { runFrom } from './node.ts';

/** As foreman and Heroku have it. */
const FIRST_PORT = 5000;

/** Each line of a Procfile is a backend: `web` with a port, the others without. null: there is no Procfile. */
export function readProcfile(project: ProjectFolder): Draft | null {
  const text = project.read('Procfile');
  if (text === null) return null;
  const lines = text.split('\n').flatMap((line) => {
    const [, type, command] = /^([\w-]+):\s*(.+)$/.exec(line.trim()) ?? [];
    return type === undefined || command === undefined ? [] : [{ type, command }];
  });
  const notes: string[] = [];
  const backends = lines.flatMap(({ type, command }): DraftBackend[] => {
    if (type === 'release') {
      notes.push(`release is run once before a start, not kept running: ${command}`);
      return [];
    }
    return backendOf(project, type, command, notes);
  });
  return { found: `a Procfile: ${lines.map(({ type }) => type).join(', ')}`, backends, notes, adopts: false };
}

function backendOf(project: ProjectFolder, type: string, command: string, notes: string[]): DraftBackend[] {
  const files = project.sources('.py', '.js', '.mjs', '.cjs', '.ts');
  const port = type === 'web' ? (portOf(project, []) ?? FIRST_PORT) : null;
  const simple = parseSimple(command, port === null ? {} : { PORT: String(port) });
  if (simple === null) {
    notes.push(`${type}: it is a line for a shell. Put it into a script and name that as run.script: ${command}`);
    return [];
  }
  const run = { ...runFrom(project, simple), ...(project.has('.env') && { envFile: '.env' }) };
  const name = nameFrom(type === 'web' ? project.name : `${project.name}-${type}`);
  if (port === null)
    return [
      {
        name,
        run,
        port,
        liveness: null,
        readiness: null,
        comments: { health: 'It answers no requests: only its end is seen.' },
        maxMemory: null,
      },
    ];
  const { liveness, readiness } = healthAmong(routesIn(project, files));
  const health =
    liveness === null ? 'No health route was found in the source: add one, such as /health, and name it here.' : null;
  if (health !== null) notes.push(health);
  return [
    { name, run, port, liveness: liveness ?? 'tcp', readiness, comments: health === null ? {} : { health }, maxMemory: null },
  ];
}
