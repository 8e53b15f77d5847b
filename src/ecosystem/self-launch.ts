import { relative } from 'node:path';
import { messageOf } from '../pm2/command-line/failure.ts';
import { readOptions } from '../pm2/command-line/options.ts';
import { connectPm2 } from '../pm2/daemon/client.ts';
import { pm2HomeOf } from '../pm2/home.ts';
import { type CommandOptions, startEcosystem } from '../pm2/launch/commands.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import { isSameFile } from '../pm2/ownership/logical-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A stock PM2 takes ecosystem.config.ts for a script and runs it as an app. True when this process is that app.
 * PM2 7.0.4 and up, on a Node that strips types.
 */
export function runsAsApp(file: string, environment: Environment): boolean {
  const { pm_exec_path: path, pm_id: id } = environment;
  return id !== undefined && path !== undefined && isSameFile(path, file);
}

/**
 * Does what `pm2 start` was meant to do: starts the apps, then takes its own entry out of PM2's list, which ends this process.
 * `--only` and `--env` come behind `--`, PM2 keeps its own to itself: `pm2 start ecosystem.config.ts -- --only api`.
 */
export async function launchAsApp(ecosystem: Ecosystem, environment: Environment, args: readonly string[]): Promise<void> {
  try {
    await startEcosystem(ecosystem, { ...readOptions(args), ...surroundings(environment) });
  } catch (error) {
    await giveUpAsApp(error, environment);
    return;
  }
  await endEntry('delete', environment);
}

/** Says why nothing was started where `pm2 logs` shows it, and leaves the entry stopped: PM2 would try 16 times. */
export async function giveUpAsApp(error: unknown, environment: Environment): Promise<void> {
  console.error(messageOf(error));
  console.error(`Mend it, then: pm2 delete ${environment.name}; pm2 start ${asTyped(environment)}`);
  await endEntry('stop', environment).catch(() => undefined); // no daemon to be reached: it has been said why
}

function asTyped({ pm_cwd: folder = '.', pm_exec_path: file = 'ecosystem.config.ts' }: Environment): string {
  return relative(folder, file);
}

async function endEntry(how: 'stop' | 'delete', environment: Environment): Promise<void> {
  const client = await connectPm2(pm2HomeOf(environment));
  await client[how](Number(environment.pm_id)).catch(() => undefined); // it ends this process, so that no answer may come
  client.close();
}

function surroundings(environment: Environment): Pick<CommandOptions, 'pm2Home' | 'environment' | 'print'> {
  return { pm2Home: pm2HomeOf(environment), environment, print: (line) => console.log(line) };
}
