import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { StopSignal } from '../../../config/resolved.ts';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import { killTree } from '../../../host/processes/kill-tree.ts';
import type { Foreground } from '../../../pm2/apps/foreground.ts';
import type { Ecosystem } from '../../../pm2/launch/ecosystem.ts';
import { ecosystemAt, refuseUnknown } from '../../backends.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT, type ExitStatus } from '../../exit-status.ts';
import { listProcesses } from '../../looking/look.ts';
import { ownershipHere } from '../../project.ts';
import { elapsed } from '../../telling/elapsed.ts';

interface RunOptions extends CommonOptions {
  readonly env?: string;
}

/** PM2's words for an app that has a process, or will have one by itself. */
const RUNS = new Set(['online', 'launching', 'stopping', 'waiting restart']);

/** A backend in the foreground, as PM2 would start it, to see what it says. */
export function addRun(program: Command, context: Context): void {
  defineCommand(
    program,
    'run <backend>',
    'one backend in the foreground, without PM2',
    'Runs a backend as PM2 would, in its folder, with its environment, env_file and PORT, but in this terminal and without PM2: what it says is seen at once, and nothing restarts it. Ctrl-C ends it. While it runs under PM2 that is refused. Of several instances one is run.\nExit status: 0 it ended well, 1 it did not.',
  )
    .option('--env <name>', 'lay env_NAME over env')
    .action(async (name: string, { json = false, config, env }: RunOptions) => {
      const ecosystem = await ecosystemAt(config);
      refuseUnknown([name], ecosystem.backends);
      await refuseWhileItRuns(context, ecosystem, name);
      const foreground = await foregroundIn(context, ecosystem, name, env ?? null);
      context.tell(context.paint('dim', [foreground.command, ...foreground.args].join(' ')));
      const { stopSignal = null } = ecosystem.config.backends.find((each) => each.name === name) ?? {};
      const ended = await runHere(foreground, stopSignal, context);
      const { code, signal } = ended;
      if (json) context.print(JSON.stringify({ backend: name, code, signal }));
      else context.tell(`${name} ended${signal ? ` by ${signal}` : code === 0 ? '' : ` with exit code ${code}`}.`);
      context.finish(statusOf(ended));
    });
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Ended by Ctrl-C is ended as it was asked to. */
function statusOf({ code, signal }: Ended): ExitStatus {
  return code === 0 || signal === 'SIGINT' ? EXIT.well : EXIT.problem;
}

async function refuseWhileItRuns({ pm2Home }: Context, { file }: Ecosystem, name: string): Promise<void> {
  const listed = (await listProcesses(pm2Home)) ?? [];
  const { isOurs } = ownershipHere(pm2Home, file, listed);
  const running = listed.find((process) => process.name === name && isOurs(process) && RUNS.has(process.status));
  if (!running) return;
  throw new LifeguardError('runs-already', `${name} runs under PM2 (${running.status}, pid ${running.pid})`, {
    hint: `npx lifeguard stop ${name}, then run it here; npx lifeguard start ${name} gives it back to PM2.`,
  });
}

async function foregroundIn(
  { pm2Home, environment, tell }: Context,
  ecosystem: Ecosystem,
  name: string,
  envName: string | null,
): Promise<Foreground> {
  const mine = ecosystem.problems().filter(({ text }) => text.startsWith(`${name}: `));
  for (const { text, certain } of mine) if (!certain) tell(`warning: ${text}`);
  const certain = mine.filter((problem) => problem.certain).map(({ text }) => text);
  if (certain.length > 0) throw new LifeguardError('cannot-run', certain.join('\n'));
  const [{ selectEnvironment }, { appEnvironment }, { foregroundOf }] = await Promise.all([
    import('../../../pm2/launch/selection.ts'),
    import('../../../pm2/apps/app-environment.ts'),
    import('../../../pm2/apps/foreground.ts'),
  ]);
  const app = selectEnvironment(ecosystem.apps, envName).find((each) => each.name === name);
  if (!app) throw new LifeguardError('usage', `there is no backend ${name}`);
  const withheld = ecosystem.withheld[name] ?? [];
  return foregroundOf(app, appEnvironment(app, { environment, withheld, pm2Home }));
}

/**
 * As PM2 ends it: its stop_signal to it alone, else SIGINT to the whole tree; SIGKILL when its kill_timeout is over. A terminal has sent the
 * Ctrl-C to the tree already.
 */
function runHere(
  { command, args, cwd, env, killTimeoutMs }: Foreground,
  stopSignal: StopSignal | null,
  context: Context,
): Promise<Ended> {
  const { host, columns, tell } = context;
  const child = spawn(command, args, { cwd, env: { ...env }, stdio: 'inherit' });
  let timer: NodeJS.Timeout | undefined;
  void context.interrupted().then(async (signal) => {
    if (child.pid === undefined) return;
    const { pid } = child;
    timer = setTimeout(() => {
      tell(`It did not end within ${elapsed(killTimeoutMs)}: it is killed.`);
      void killTree(host, pid, 'SIGKILL');
    }, killTimeoutMs);
    if (signal === 'SIGINT' && columns !== null) return;
    if (stopSignal === null) await killTree(host, pid, 'SIGINT');
    else child.kill(stopSignal);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new LifeguardError('cannot-run', `${command} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}
