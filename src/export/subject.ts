import { basename } from 'node:path';
import type { ResolvedBackend } from '../config/resolved.ts';
import type { Machine } from '../ecosystem/machine.ts';
import { pythonOf } from '../ecosystem/python.ts';
import { isNodeScript, runLineOf } from '../ecosystem/run-line.ts';
import { isSecret } from './secrets.ts';

/** What runs a backend, as far as it can be seen: decides the image, and with what its health can be asked from inside a container. */
export type Runtime = 'node' | 'python' | 'other';

/** One backend as every export needs it. */
export interface Subject {
  readonly backend: ResolvedBackend;
  readonly runtime: Runtime;
  /** The program and its arguments as they run on this machine; the program is absolute where it was found. */
  readonly line: readonly string[];
  /** Its variables, PORT included, without those that may hold a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the variables of `env` that look like a secret: no export shows their values. */
  readonly hidden: readonly string[];
  /** NAME of the `env_NAME` that is laid over `env`, or null. */
  readonly environment: string | null;
  /** Names of the variables of its env_file, whose values no export shows either. */
  readonly inEnvFile: readonly string[];
}

/** All variables that a target has to be given apart from the files of the export. */
export function secretsOf({ hidden, inEnvFile }: Subject): readonly string[] {
  return [...new Set([...inEnvFile, ...hidden])];
}

/** What a subject depends on beside the configuration. */
export interface SubjectFacts {
  readonly machine: Machine;
  /** The names of the variables that an env_file sets. */
  namesIn(envFile: string): readonly string[];
  /** NAME of the `env_NAME` that is laid over `env`, or null. */
  readonly environment: string | null;
}

const NODE_PROGRAMS = new Set(['node', 'npm', 'npx', 'pnpm', 'yarn', 'tsx']);

export function subjectOf(backend: ResolvedBackend, { machine, namesIn, environment }: SubjectFacts): Subject {
  const { run, port } = backend;
  // The env_file is each target's own matter: no wrapper in the line.
  const { script, interpreter, node_args, args } = runLineOf({ ...backend, run: { ...run, envFile: null } }, machine);
  const program = interpreter === 'none' ? [script] : [located(interpreter, run.cwd, machine), ...node_args, script];
  const runtime = runtimeOf(backend, program[0] ?? '');
  const all = {
    ...(port === null ? {} : { PORT: String(port) }),
    ...(runtime === 'python' ? { PYTHONUNBUFFERED: '1' } : {}),
    ...run.env,
    ...(environment === null ? {} : run.envByName[environment]),
  };
  const env = Object.fromEntries(Object.entries(all).filter(([name, value]) => !isSecret(name, value)));
  const hidden = Object.keys(all).filter((name) => !(name in env));
  const inEnvFile = run.envFile === null ? [] : namesIn(run.envFile);
  return { backend, runtime, line: [...program, ...args], env, hidden, environment, inEnvFile };
}

function located(program: string, cwd: string, machine: Machine): string {
  return machine.locate(program, cwd) ?? program;
}

function runtimeOf({ run }: ResolvedBackend, program: string): Runtime {
  if (isNodeScript(run.program) || NODE_PROGRAMS.has(basename(program))) return 'node';
  const named = run.program.kind === 'command' ? run.program.program : run.program.script;
  return pythonOf(program) !== null || named.endsWith('.py') || PYTHON_SERVERS.has(basename(named)) ? 'python' : 'other';
}

/** Known by name too: an export may be made where the virtual environment is not. */
const PYTHON_SERVERS = new Set(['uvicorn', 'gunicorn', 'hypercorn', 'daphne', 'fastapi', 'flask', 'celery']);
