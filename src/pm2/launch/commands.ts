import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { endingOf } from '../apps/ending.ts';
import { type Launch, restartApp } from '../apps/launch.ts';
import { describeStep, type Step } from '../apps/reconcile.ts';
import type { Environment } from '../daemon/environment.ts';
import { connectOrSpawn } from '../daemon/reach.ts';
import { isJobDone } from '../gate/job-done.ts';
import type { AppDeclaration } from '../types.ts';
import { bringInLine } from './bring-in-line.ts';
import { claimNames, forgetAdoptions } from './claim.ts';
import { type Ecosystem, roleIn } from './ecosystem.ts';
import { withLaunchLock } from './lock.ts';
import { selectApps, selectEnvironment } from './selection.ts';
import { takeDown } from './take-down.ts';
import type { Adopt } from './take-over.ts';

export interface CommandOptions {
  readonly pm2Home: string;
  /** The launcher's own environment: what apps may inherit. */
  readonly environment: Environment;
  /** `--only A,B`; null: all. */
  readonly only: readonly string[] | null;
  /** `--env NAME`; null: none. */
  readonly envName: string | null;
  /** `--adopt`: apps of our names that somebody else has started are taken over; null: they are not. */
  readonly adopt: Adopt | null;
  /** Told each line as it happens. */
  readonly print: (line: string) => void;
}

/**
 * `start`: brings what runs into line with what is declared. Done twice, the second time changes nothing.
 * @returns the plan as it was applied
 * @throws LifeguardError for a wrong option, a name that is somebody else's or an app that cannot run here, before anything is
 * touched; Pm2Error
 */
export async function startEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly Step[]> {
  return withDaemon(ecosystem, options, (launch) => bringInLine({ ecosystem, launch, ...options }));
}

/** `restart` and `reload`: changes first, as `start` does, then the declared backends (with `only`: whatever it names). */
export async function restartEcosystem(ecosystem: Ecosystem, how: 'restart' | 'reload', options: CommandOptions): Promise<void> {
  await withDaemon(ecosystem, options, async (launch) => {
    const listed = await launch.client.list();
    const isDone = (name: string) => listed.some((process) => process.name === name && isJobDone(process, options.pm2Home));
    const steps = await bringInLine({ ecosystem, launch, ...options, print: () => undefined });
    for (const step of steps) {
      if (step.do !== 'keep') options.print(describeStep(step));
      const app = launch.declared.apps.find(({ name }) => name === step.app);
      if (step.do !== 'keep' || !app || !(options.only || ecosystem.backends.includes(step.app))) continue;
      if (!options.only && isDone(step.app)) continue; // a job that is done is run again where it is named
      await restartApp(launch, app, how);
      options.print(`${step.app}: ${how}ed`);
    }
  });
}

/** `stop`, last started first; what is no longer declared goes too. @returns the names of the apps that it stopped */
export function stopEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly string[]> {
  return takeDownOf(ecosystem, 'stop', options);
}

/** `delete`, last started first. @returns the names of the apps that it deleted */
export function deleteEcosystem(ecosystem: Ecosystem, options: CommandOptions): Promise<readonly string[]> {
  return takeDownOf(ecosystem, 'delete', options);
}

async function takeDownOf(ecosystem: Ecosystem, how: 'stop' | 'delete', options: CommandOptions) {
  selectApps(ecosystem, options.only);
  const { apps, unsaved } = await takeDown({ file: ecosystem.file, how, ...options });
  if (unsaved.length > 0)
    options.print(`a boot does not bring them back: ${unsaved.join(', ')} are out of PM2's saved list until the next start`);
  return apps;
}

async function withDaemon<T>(ecosystem: Ecosystem, options: CommandOptions, work: (launch: Launch) => Promise<T>): Promise<T> {
  const { pm2Home, environment } = options;
  selectApps(ecosystem, options.only);
  const apps: readonly AppDeclaration[] = selectEnvironment(ecosystem.apps, options.envName);
  refuseProblems(ecosystem, options.print);
  for (const note of ecosystem.notes) options.print(note);
  return withLaunchLock(
    pm2Home,
    async () => {
      const client = await connectOrSpawn(pm2Home, environment);
      try {
        const { configured, withheld } = ecosystem;
        const declared = { apps, configured };
        const ownership = await claimNames({ ...options, ecosystem, declared, client });
        const roleOf = (app: string) => roleIn(ecosystem, app);
        const ending = endingOf(ecosystem.watch, environment, options.print);
        const done = await work({
          client,
          pm2Home,
          ownership,
          declared,
          roleOf,
          withheld,
          environment,
          envName: options.envName,
          ending,
        });
        await forgetAdoptions(pm2Home, client);
        return done;
      } finally {
        client.close();
      }
    },
    (pid) => options.print(`another start (pid ${pid}) is at work: waiting for it`),
  );
}

/** What is a guess is a warning. */
function refuseProblems(ecosystem: Ecosystem, print: (line: string) => void): void {
  const problems = ecosystem.problems();
  for (const { text, certain } of problems) if (!certain) print(`warning: ${text}`);
  const certain = problems.filter((problem) => problem.certain).map(({ text }) => text);
  if (certain.length > 0) throw new LifeguardError('cannot-run', `${certain.join('\n')}\nNothing was started.`);
}
