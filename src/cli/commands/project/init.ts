import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import { treesIn } from '../../../host/processes/trees.ts';
import { withAnswers } from '../../../init/ask-server.ts';
import type { Draft } from '../../../init/draft.ts';
import { type PlannedFile, planFiles } from '../../../init/plan.ts';
import { type ProjectFolder, projectFolder } from '../../../init/project-folder.ts';
import { readProject } from '../../../init/read-project.ts';
import { type Pm2App, readRunning } from '../../../init/readers/pm2-apps.ts';
import { recordOf } from '../../../pm2/ownership/record.ts';
import type { Pm2Process } from '../../../pm2/types.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { listProcesses } from '../../looking/look.ts';

interface InitOptions extends CommonOptions {
  readonly from?: string;
  readonly print?: boolean;
}

/** Looks at a project and writes its configuration. */
export function addInit(program: Command, context: Context): void {
  defineCommand(
    program,
    'init [folder]',
    'write backend.yaml for a project that is there',
    "Looks at a project and writes backend.yaml and ecosystem.config.ts for it: FastAPI, Django, Flask, Node, a Procfile, PM2's own ecosystem.config.js, a supervisord.conf, a systemd unit, a compose file; with --from pm2, what PM2 runs now. Nothing that is there is overwritten. It says what it did not understand.\nExit status: 0 written, 1 nothing was recognised, or a file is there.",
  )
    .option('--from <what>', 'pm2: the apps that PM2 runs now')
    .option('--print', 'show the files, write nothing')
    .action(async (folder = '.', { from, print = false, json = false }: InitOptions) => {
      if (from !== undefined && from !== 'pm2') throw new LifeguardError('usage', `--from ${from}: there is --from pm2`);
      const project = projectFolder(resolve(folder));
      if (!existsSync(project.path)) throw new LifeguardError('no-file', `there is no ${project.path}`);
      const draft = from === 'pm2' ? await runningApps(context, project) : await withAnswers(found(project, context));
      const files = planFiles(draft, surroundingsOf(project));
      if (!print) write(project, files);
      tell(draft, files, { context, project, print, json });
      context.finish(EXIT.well);
    });
}

/** @throws LifeguardError `not-recognised` */
function found(project: ProjectFolder, { environment }: Context): Draft {
  const draft = readProject(project, environment.PATH ?? '');
  if (draft !== null && draft.backends.length > 0) return draft;
  const why = draft === null ? 'nothing here is recognised' : `${draft.found}: nothing of it can be run as it is`;
  throw new LifeguardError('not-recognised', [why, ...(draft?.notes ?? [])].join('\n'), {
    hint: "It knows FastAPI, Django, Flask, Node, a Procfile, PM2's ecosystem.config.js, supervisord.conf, systemd units and compose files. docs/your-backend.md has a backend.yaml to begin with.",
  });
}

/** What PM2 runs and no project of ours has declared. Its environment stays where it is: secrets may be in it. */
async function runningApps({ pm2Home, host }: Context, project: ProjectFolder): Promise<Draft> {
  const listed = ((await listProcesses(pm2Home)) ?? []).filter(
    (process) => recordOf(process) === null && process.env.pmx_module !== true,
  );
  if (listed.length === 0)
    throw new LifeguardError('not-recognised', 'PM2 runs no app that is not a project of lifeguard already');
  const names = [...new Set(listed.map(({ name }) => name))];
  const treeOf = treesIn(await host.processes());
  const apps = await Promise.all(
    names.map(async (name): Promise<Pm2App> => {
      const own = listed.filter((process) => process.name === name);
      const ports = await host.listeningPortsOf(own.flatMap(({ pid }) => treeOf(pid)));
      return appOf(own, ports?.[0] ?? null);
    }),
  );
  const draft = readRunning(project, apps);
  const note =
    'The environment that PM2 keeps of them is not written down, as secrets may be in it: put what they need into env, or into an env_file.';
  return { ...draft, notes: [...draft.notes, note] };
}

function appOf(own: readonly Pm2Process[], port: number | null): Pm2App {
  const [{ name, env } = { name: '', env: {} as Pm2Process['env'] }] = own;
  const text = (key: string) => (typeof env[key] === 'string' ? (env[key] as string) : '');
  return {
    name,
    script: text('pm_exec_path'),
    args: Array.isArray(env.args) ? env.args.map(String) : [],
    interpreter: text('exec_interpreter') || null,
    cwd: text('pm_cwd'),
    instances: own.length,
    env: {},
    maxMemory: null,
    port,
  };
}

/** @throws LifeguardError `file-there`, before anything is written */
function write(project: ProjectFolder, files: readonly PlannedFile[]): void {
  const there = files.filter(({ name }) => project.has(name)).map(({ name }) => name);
  if (there.length > 0)
    throw new LifeguardError(
      'file-there',
      `${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already: nothing was written`,
      {
        hint: 'npx lifeguard init --print shows what would be written.',
      },
    );
  for (const { name, text } of files) writeFileSync(join(project.path, name), text, { flag: 'wx' });
}

function surroundingsOf(project: ProjectFolder) {
  const text = project.read('package.json');
  const type = text === null ? 'module' : /"type"\s*:\s*"(\w+)"/.exec(text)?.[1];
  return { isModule: type === 'module', importFrom: 'pm2-lifeguard' };
}

interface Telling {
  readonly context: Context;
  readonly project: ProjectFolder;
  readonly print: boolean;
  readonly json: boolean;
}

function tell(draft: Draft, files: readonly PlannedFile[], { context, project, print, json }: Telling): void {
  const isInstalled = canImport(project);
  const next = [
    ...(isInstalled
      ? []
      : [`${project.has('package.json') ? '' : 'npm init -y && npm pkg set type=module && '}npm install pm2-lifeguard`]),
    'npx lifeguard validate',
    draft.adopts ? 'npx lifeguard start --adopt' : 'npx lifeguard start',
  ];
  if (json) {
    const { found: recognised, backends, notes } = draft;
    context.print(
      JSON.stringify(
        { ok: true, written: !print, found: recognised, backends: backends.map(({ name }) => name), notes, files, next },
        null,
        2,
      ),
    );
    return;
  }
  if (print) for (const { name, text } of files) context.print(`# ${name}\n${text}`);
  const { paint, tell: say } = context;
  const names = draft.backends.map(({ name, port }) => (port === null ? name : `${name} on port ${port}`)).join(', ');
  say(`Found ${draft.found}: ${names}.`);
  for (const note of draft.notes) say(`${paint('yellow', 'note')}: ${note}`);
  if (!print) say(`Written: ${files.map(({ name }) => name).join(', ')}.`);
  say(`Next:\n${next.map((command) => `  ${paint('cyan', command)}`).join('\n')}`);
}

function canImport(project: ProjectFolder): boolean {
  try {
    createRequire(join(project.path, 'x.js')).resolve('pm2-lifeguard');
    return true;
  } catch {
    return readName(join(project.path, 'package.json')) === 'pm2-lifeguard';
  }
}

function readName(file: string): string | null {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name ?? null;
  } catch {
    return null;
  }
}
