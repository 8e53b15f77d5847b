import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { nearest } from '../config/mistakes/nearest.ts';
import type { ResolvedBackend } from '../config/resolved.ts';
import { clientMissing, clientOf } from '../health/dependencies/clients.ts';
import { isInstalled } from '../host/installed-package.ts';
import type { Problem } from '../pm2/launch/ecosystem.ts';
import { variablesIn } from './env-file.ts';
import type { Machine } from './machine.ts';
import { missingModule, moduleOf, portsOf, pythonOf } from './python.ts';
import { interpreterOf, isNodeScript, runsThroughTsx } from './run-line.ts';

/**
 * Why a backend cannot run on this machine, or seems not to, in plain words; empty when nothing is wrong as far as can be seen without
 * starting it. PM2 would restart it into 'errored' and leave the reason in a log file.
 */
export function problemsOf(backend: ResolvedBackend, machine: Machine): Problem[] {
  const { run, name } = backend;
  const certain = (text: string): Problem => ({ text: `${name}: ${text}`, certain: true });
  if (!isFolder(run.cwd)) return [certain(`run.cwd is no folder: ${run.cwd}`)];
  return [
    ...(run.program.kind === 'command' ? commandProblems(backend, machine) : scriptProblems(backend, machine)).map(certain),
    ...checkProblems(backend, machine).map(certain),
    ...beforeProblems(backend, machine).map(certain),
    ...clientProblems(backend).map(certain),
    ...(run.envFile !== null && !existsSync(run.envFile) ? [certain(`run.env_file is not there: ${run.envFile}`)] : []),
    ...typescriptProblems(backend, machine).map(certain),
    ...guesses(backend, machine).map((text) => ({ text: `${name}: ${text}`, certain: false })),
  ];
}

/** A check whose command is not there could never tell anything. */
function checkProblems({ targets, run }: ResolvedBackend, machine: Machine): string[] {
  return Object.entries(targets).flatMap(([key, check]) =>
    check?.kind === 'command' && machine.locate(check.program, run.cwd) === null
      ? [`health.${key}: ${missingProgram(check.program, run.cwd)}`]
      : [],
  );
}

function beforeProblems({ before }: ResolvedBackend, machine: Machine): string[] {
  return before.flatMap(({ program, cwd }) =>
    machine.locate(program, cwd) === null ? [`run.before: ${missingProgram(program, cwd)}`] : [],
  );
}

/** What asks a dependency is optional to install. */
function clientProblems({ dependencies }: ResolvedBackend): string[] {
  return dependencies.flatMap(({ name, check }) => {
    const client = clientOf(check);
    return client === null || isInstalled(client) ? [] : [`depends_on ${name}: ${clientMissing(check, client)}`];
  });
}

/** So is what runs TypeScript where Node does not. */
function typescriptProblems(backend: ResolvedBackend, machine: Machine): string[] {
  return runsThroughTsx(backend, machine) && !isInstalled('tsx')
    ? ['this Node runs no TypeScript by itself, and the package tsx is not installed: npm install tsx']
    : [];
}

function commandProblems({ run }: ResolvedBackend, machine: Machine): string[] {
  if (run.program.kind !== 'command') return [];
  const { program, args } = run.program;
  const file = machine.locate(program, run.cwd);
  if (file === null) return [missingProgram(program, run.cwd)];
  const [script = ''] = pythonOf(file) !== null && /^python/.test(basename(program)) ? args : [];
  return script.endsWith('.py') && !existsSync(resolve(run.cwd, script)) ? [`there is no ${script} in ${run.cwd}`] : [];
}

/** What a server's command line seems to say: it may have a configuration file, or read its environment, that says otherwise. */
function guesses({ run, port }: ResolvedBackend, machine: Machine): string[] {
  const file = run.program.kind === 'command' ? machine.locate(run.program.program, run.cwd) : null;
  if (run.program.kind !== 'command' || file === null) return [];
  const { args } = run.program;
  const module = moduleOf(file, args, run.cwd);
  const python = pythonOf(file);
  const missing = module && python ? missingModule(python, module, { ...variablesIn(run.envFile), ...run.env }) : null;
  const ports = portsOf(file, args);
  return [
    ...(missing && module
      ? [`there is no Python module ${missing} in ${module.folders[0]}, nor is it installed for ${python}`]
      : []),
    ...(port !== null && ports.length > 0 && !ports.includes(port)
      ? [`run.command listens on port ${ports.join(', ')}, but port is ${port}: its health would be asked for in vain`]
      : []),
  ];
}

function scriptProblems({ run }: ResolvedBackend, machine: Machine): string[] {
  if (run.program.kind !== 'script') return [];
  const { script, interpreter } = run.program;
  if (!existsSync(script)) return [`there is no script ${script}${suggestion(basename(script), join(script, '..'))}`];
  if (isNodeScript(run.program)) {
    const named = interpreter === null || interpreter === 'tsx' ? null : interpreter;
    return named !== null && machine.locate(named, run.cwd) === null ? [missingProgram(named, run.cwd)] : [];
  }
  const program = interpreterOf(script, interpreter, run.cwd, machine);
  if (program !== null) return machine.locate(program, run.cwd) === null ? [missingProgram(program, run.cwd)] : [];
  return machine.locate(script, run.cwd) === null ? [`${script} is not executable (chmod +x), and no interpreter is named`] : [];
}

function missingProgram(program: string, cwd: string): string {
  if (!program.startsWith('/')) {
    const near = ['venv/bin', '.venv/bin'].map((folder) => suggestion(program, join(cwd, folder))).find((text) => text !== '');
    return `there is no program ${program} in venv/bin, .venv/bin or on the PATH${near ?? ''}`;
  }
  const shown = relative(cwd, program).startsWith('..') ? program : relative(cwd, program);
  if (existsSync(program)) return `${shown} is no program that may be executed`;
  return `there is no program ${shown} in ${cwd}${suggestion(basename(program), join(program, '..'))}`;
}

/** `. Did you mean …?`, or nothing. */
function suggestion(name: string, folder: string): string {
  if (!isFolder(folder)) return '';
  const near = nearest(name, readdirSync(folder));
  return near === null ? '' : `. Did you mean ${near}?`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
