import { join, normalize } from 'node:path';
import { parse } from 'yaml';
import type { Draft, DraftBackend } from '../draft.ts';
import { backendFrom } from '../from-command.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { parseWithoutShell, type SimpleCommand, withoutShell } from '../simple-command.ts';
import { plainText, variableText } from './compose-text.ts';

const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const TAKEN = new Set([
  'build',
  'command',
  'environment',
  'env_file',
  'ports',
  'healthcheck',
  'mem_limit',
  'image',
  'depends_on',
]);
/** About containers, or what lifeguard does by itself. */
const OURS = new Set(['restart', 'container_name', 'working_dir', 'networks', 'volumes', 'init', 'logging', 'expose', 'tty']);

type Service = Readonly<Record<string, unknown>>;

/** Each service that is built from this project is a backend; images stay with Docker. null: nothing of it can be run without a container. */
export function readCompose(project: ProjectFolder): Draft | null {
  const file = FILES.find((name) => project.has(name));
  const services = file === undefined ? null : servicesIn(project.read(file) ?? '');
  if (file === undefined || services === null) return null;
  const notes: string[] = [];
  const own = Object.entries(services).filter(([, service]) => service.build !== undefined);
  const images = Object.entries(services).filter(([, service]) => service.build === undefined);
  const backends = own.flatMap(([name, service]) => backendOf(project, name, service, notes));
  if (backends.length === 0) return null;
  for (const [name, { image }] of images)
    notes.push(
      `${name} (${String(image)}) stays with Docker: docker compose up -d ${name}; what needs it names it under depends_on`,
    );
  for (const name of Object.keys(services)) tellHost(name, own, notes);
  return { found: `${file}: ${own.map(([name]) => name).join(', ')}`, backends, notes, adopts: false };
}

function servicesIn(text: string): Readonly<Record<string, Service>> | null {
  try {
    const { services } = parse(text, { merge: true }) as { services?: Readonly<Record<string, Service | null>> };
    const found = Object.entries(services ?? {}).flatMap(([name, service]) =>
      service === null ? [] : [[name, service] as const],
    );
    return found.length === 0 ? null : Object.fromEntries(found);
  } catch {
    return null;
  }
}

/** Only containers know the other services by their names. */
function tellHost(name: string, own: readonly (readonly [string, Service])[], notes: string[]): void {
  const uses = own.flatMap(([backend, service]) =>
    Object.entries(variablesOf(service.environment)).flatMap(([key, value]) =>
      new RegExp(`(@|//)${name}\\b`).test(value) ? [`${key} of ${backend}`] : [],
    ),
  );
  if (uses.length > 0)
    notes.push(`${uses.join(', ')} names the host ${name}, which only containers know: 127.0.0.1 and the port that it publishes`);
}

function backendOf(project: ProjectFolder, name: string, service: Service, notes: string[]): readonly DraftBackend[] {
  const left = Object.keys(service).filter((key) => !TAKEN.has(key) && !OURS.has(key));
  if (left.length > 0) notes.push(`${name}: not taken over: ${left.join(', ')}`);
  const variables = Object.entries(variablesOf(service.environment));
  const env: Record<string, string> = {};
  const envFromOutside: Record<string, string> = {};
  for (const [key, value] of variables) {
    const plain = plainText(value);
    if (plain === null) envFromOutside[key] = variableText(value);
    else env[key] = plain;
  }
  const folder = contextOf(service.build);
  const line = inCompose(service.command) ?? commandInDockerfile(project, service.build);
  const command = commandFrom(line, env);
  if (command === null) {
    const what = line === null ? 'neither it nor a Dockerfile says what it runs' : `it runs a line for a shell: ${String(line)}`;
    notes.push(`${name}: left out, as ${what}`);
    return [];
  }
  const port = targetPort(service.ports);
  const [envFile = null] = [service.env_file]
    .flat()
    .flatMap((file) => (typeof file === 'string' ? [plainText(file) ?? file] : []));
  return [
    backendFrom(
      project,
      {
        ...{ name, command, env, envFromOutside, folder: folder === '.' ? null : folder },
        envFile: envFile === null || !project.has(envFile.replace(/^\.\//, '')) ? null : envFile,
        port: port === 0 ? null : port,
        liveness: pathIn(service.healthcheck),
        maxMemory: service.mem_limit === undefined ? null : String(service.mem_limit).toUpperCase().replace(/B$/, ''),
      },
      notes,
    ),
  ];
}

function contextOf(build: unknown): string {
  const context = typeof build === 'string' ? build : (build as { context?: string } | null)?.context;
  return (plainText(context ?? '.') ?? '.').replace(/^\.\/(?=.)/, '').replace(/\/$/, '');
}

/** CMD of its Dockerfile, as a list or a line. */
function commandInDockerfile(project: ProjectFolder, build: unknown): unknown {
  const context = contextOf(build);
  const named = (typeof build === 'object' && build !== null && (build as { dockerfile?: string }).dockerfile) || 'Dockerfile';
  const text = project.read(normalize(join(context, plainText(named) ?? named)));
  const line = [...(text ?? '').matchAll(/^\s*CMD\s+(.+)$/gm)].at(-1)?.[1];
  if (line === undefined) return null;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
}

/** A command as the container has it: compose's own dollars are doubled, those of a Dockerfile are not. */
function inCompose(command: unknown): unknown {
  const text = (word: unknown) => plainText(String(word)) ?? String(word).replaceAll('$$', '$');
  return Array.isArray(command) ? command.map(text) : typeof command === 'string' ? text(command) : null;
}

function commandFrom(line: unknown, env: Readonly<Record<string, string>>): SimpleCommand | null {
  if (typeof line === 'string') return parseWithoutShell(line, env);
  if (!Array.isArray(line) || line.length === 0) return null;
  const [program, ...args] = line.map(String);
  return program === undefined ? null : withoutShell({ env: {}, program, args }, env);
}

/** A map, or a list of NAME=value; a name alone is taken from the environment of whoever starts it. */
function variablesOf(environment: unknown): Record<string, string> {
  if (Array.isArray(environment))
    return Object.fromEntries(
      environment.map(String).flatMap((each) => {
        const at = each.indexOf('=');
        return at < 0 ? [] : [[each.slice(0, at), each.slice(at + 1)]];
      }),
    );
  const known = Object.entries((environment ?? {}) as Record<string, unknown>).filter(([, value]) => value !== null);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

/** What it listens on is the container's side: `8080:8000`, `127.0.0.1:8080:8000/tcp`, `{ target: 8000 }`. */
function targetPort(ports: unknown): number {
  const [first] = Array.isArray(ports) ? (ports as unknown[]) : [];
  const text = typeof first === 'object' && first !== null ? String((first as { target?: unknown }).target) : String(first);
  return Number(/(\d+)(?:\/tcp)?$/.exec(text)?.[1] ?? 0);
}

/** `curl -f http://localhost:8000/health`, or what `lifeguard export compose` writes for it. */
function pathIn(healthcheck: unknown): string | null {
  const test = (healthcheck as { test?: unknown } | null | undefined)?.test;
  const line = [test].flat().join(' ').replaceAll('$$', '$');
  const [, ours] = /(?:\bpath:|c\.request\("GET",)("(?:[^"\\]|\\.)*")/.exec(line) ?? [];
  if (ours !== undefined) return JSON.parse(ours) as string;
  return /https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(\/[^\s"'|]*)/.exec(line)?.[1] ?? null;
}
