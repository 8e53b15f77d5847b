import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { applyStep, deleteApp, type Launch, restartApp, stopApp } from '../apps/launch.ts';
import { describeStep, planStart, type Step } from '../apps/reconcile.ts';
import { recordOf } from '../apps/record.ts';
import type { Environment } from '../daemon/environment.ts';
import type { LauncherClient } from '../daemon/launcher-client.ts';
import { Pm2Error } from '../daemon/pm2-error.ts';
import { connectIfThere, connectOrSpawn } from '../daemon/reach.ts';
import type { AppDeclaration } from '../types.ts';
import type { Ecosystem } from './ecosystem.ts';
import { withLaunchLock } from './lock.ts';
import { selectApps, selectEnvironment } from './selection.ts';
import { refuseSecondEcosystem } from './takeover.ts';
import { removeWatchConfig, writeWatchConfig } from './watch-file.ts';

export interface CommandOptions {
  readonly pm2Home: string;
  /** The launcher's own environment: what apps may inherit. */
  readonly environment: Environment;
  /** `--only A,B`; null: all. */
  readonly only: readonly string[] | null;
  /** `--env NAME`; null: none. */
  readonly envName: string | null;
  /** Told each line as it happens. */
  readonly print: (line: string) => void;
}

/**
 * `start`: brings what runs into line with what is declared. Done twice, the second time changes nothing.
 * @returns the plan as it was applied
 * @throws LifeguardError for a wrong option or an app that cannot run here, before anything is touched; Pm2Error
 */
export async function startEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly Step[]> {
  return withDaemon(ecosystem, options, async (launch, apps) => bringInLine(ecosystem, options, launch, apps));
}

/** `restart` and `reload`: changes first, as `start` does, then the declared backends (with `only`: whatever it names). */
export async function restartEcosystem(ecosystem: Ecosystem, how: 'restart' | 'reload', options: CommandOptions): Promise<void> {
  await withDaemon(ecosystem, options, async (launch, apps) => {
    const steps = await bringInLine(ecosystem, { ...options, print: () => undefined }, launch, apps);
    for (const step of steps) {
      if (step.do !== 'keep') options.print(describeStep(step));
      const app = apps.find(({ name }) => name === step.app);
      if (step.do !== 'keep' || !app || !(options.only || ecosystem.backends.includes(step.app))) continue;
      await restartApp(launch, app, how);
      options.print(`${step.app}: ${how}ed`);
    }
  });
}

/** `stop`, last started first; what is no longer declared goes too. @returns the names of the apps that it stopped */
export async function stopEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly string[]> {
  return takeDown(ecosystem, options, 'stopped', stopApp);
}

/** `delete`, last started first. @returns the names of the apps that it deleted */
export async function deleteEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly string[]> {
  const deleted = await takeDown(ecosystem, options, 'deleted', deleteApp);
  if (!options.only) removeWatchConfig(options.pm2Home);
  return deleted;
}

async function bringInLine(ecosystem: Ecosystem, options: CommandOptions, launch: Launch, apps: readonly AppDeclaration[]) {
  const listed = await launch.client.list();
  refuseSecondEcosystem(ecosystem, listed);
  handOverWatch(ecosystem, options, planStart(apps, listed));
  const steps = planStart(apps, listed, options.only);
  const failures: string[] = [];
  for (const step of steps) {
    try {
      await applyStep(launch, step);
      if (step.do !== 'keep') options.print(describeStep(step));
    } catch (error) {
      if (!(error instanceof Pm2Error) || error.code === 'lost') throw error;
      failures.push(`${step.app}: ${error.message}`);
    }
  }
  const kept = steps.filter((step) => step.do === 'keep').map((step) => step.app);
  if (kept.length > 0) options.print(`nothing changed for ${kept.join(', ')}: left running`);
  if (failures.length > 0) throw new LifeguardError('not-all-started', failures.join('\n'));
  return steps;
}

/** Writes what lifeguard is to know, before it is started with it. It must not differ from what a running lifeguard goes by. */
function handOverWatch({ watcher, watch }: Ecosystem, { pm2Home, only, print }: CommandOptions, whole: readonly Step[]): void {
  if (!only || only.includes(watcher)) writeWatchConfig(pm2Home, watch);
  else if (whole.some((step) => step.app === watcher && step.do === 'restart-with-changes')) {
    print(`${watcher} is left out by --only: it does not know of the changes until it is started too`);
  }
}

async function withDaemon<T>(
  ecosystem: Ecosystem,
  options: CommandOptions,
  work: (launch: Launch, apps: readonly AppDeclaration[]) => Promise<T>,
): Promise<T> {
  selectApps(ecosystem, options.only);
  const apps = selectEnvironment(ecosystem.apps, options.envName);
  refuseProblems(ecosystem, options.print);
  for (const note of ecosystem.notes) options.print(note);
  return withLaunchLock(
    options.pm2Home,
    async () => {
      const client = await connectOrSpawn(options.pm2Home, options.environment);
      try {
        return await work(
          {
            client,
            pm2Home: options.pm2Home,
            file: ecosystem.file,
            apps,
            withheld: ecosystem.withheld,
            environment: options.environment,
          },
          apps,
        );
      } finally {
        client.close();
      }
    },
    (pid) => options.print(`another start (pid ${pid}) is at work: waiting for it`),
  );
}

async function takeDown(
  ecosystem: Ecosystem,
  options: CommandOptions,
  done: string,
  act: (client: LauncherClient, name: string) => Promise<void>,
): Promise<string[]> {
  const declared = selectApps(ecosystem, options.only).reverse();
  const client = await connectIfThere(options.pm2Home);
  if (!client) return [];
  try {
    const listed = await client.list();
    const undeclared = listed.filter((process) => recordOf(process) && !options.only).map(({ name }) => name);
    const acted = [...new Set([...declared, ...undeclared])].filter((name) => listed.some((process) => process.name === name));
    for (const name of acted) {
      await act(client, name);
      options.print(`${name}: ${done}`);
    }
    return acted;
  } finally {
    client.close();
  }
}

function refuseProblems(ecosystem: Ecosystem, print: CommandOptions['print']): void {
  const problems = ecosystem.problems();
  for (const { text, certain } of problems) if (!certain) print(`warning: ${text}`);
  const certain = problems.filter((problem) => problem.certain).map(({ text }) => text);
  if (certain.length > 0) throw new LifeguardError('cannot-run', `${certain.join('\n')}\nNothing was started.`);
}
