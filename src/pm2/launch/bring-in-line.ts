import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { applyStep, type Launch } from '../apps/launch.ts';
import { describeStep, planStart, type Step } from '../apps/reconcile.ts';
import { Pm2Error } from '../daemon/pm2-error.ts';
import { isJobDone } from '../gate/job-done.ts';
import type { Pm2Process } from '../types.ts';
import { appliedConfig } from './applied.ts';
import { CONFIG_DIGEST, configOf, removeConfigs, writeConfig } from './config-file.ts';
import type { Ecosystem } from './ecosystem.ts';
import { endLost } from './lost.ts';
import { digestsInSavedList, putBackIntoSavedList } from './saved-list.ts';

export interface BringInLine {
  readonly ecosystem: Ecosystem;
  readonly launch: Launch;
  /** `--only`; null: all. */
  readonly only: readonly string[] | null;
  readonly print: (line: string) => void;
}

/**
 * Brings what runs of ours into line with what is declared: the backends and what they need first, then lifeguard, with a
 * configuration of what was applied.
 * @returns the plan as it was applied
 * @throws LifeguardError `not-all-started` after all that could be done; Pm2Error `lost`
 */
export async function bringInLine(task: BringInLine): Promise<readonly Step[]> {
  const { ecosystem, launch, only, print } = task;
  const { ownership } = launch;
  const listed = await launch.client.list();
  const { apps, configured } = launch.declared;
  const names = apps.flatMap(({ name }) => (!only || only.includes(name) || name === ecosystem.watcher ? [name] : []));
  await endLost({ ...launch, owner: ownership.file, apps: names, print });

  const isWatcher = (process: Pm2Process) => ownership.ownerOf(process)?.role === 'watcher';
  const isDone = (process: Pm2Process) => isJobDone(process, launch.pm2Home);
  const declared = { apps: apps.filter(({ name }) => name !== ecosystem.watcher), configured, isDone };
  const plan = planStart(
    declared,
    listed.filter((process) => !isWatcher(process)),
    ownership,
    only,
  );
  const failures = new Map<string, string>();
  const steps = await carryOut(task, launch, plan, failures);
  const watchers = listed.filter((process) => isWatcher(process) && ownership.isOurs(process));
  steps.push(...(await bringWatcherInLine(task, watchers, failures)));

  if (putBackIntoSavedList(launch.pm2Home, ownership, await launch.client.list(), only === null))
    print("PM2's saved list has them again, as they were in it before they were stopped: a boot brings them back");
  const kept = steps.filter((step) => step.do === 'keep').map((step) => step.app);
  if (kept.length > 0) print(`nothing changed for ${kept.join(', ')}: left running`);
  if (failures.size > 0)
    throw new LifeguardError('not-all-started', [...failures].map(([app, why]) => `${app}: ${why}`).join('\n'));
  return steps;
}

/** The watcher comes last, for it is told what was applied. One of another name, from before, goes: two must never drive one backend. */
async function bringWatcherInLine(
  task: BringInLine,
  watchers: readonly Pm2Process[],
  failures: Map<string, string>,
): Promise<Step[]> {
  const { ecosystem, launch, only } = task;
  const { apps, configured } = launch.declared;
  const app = apps.find(({ name }) => name === ecosystem.watcher);
  const isWanted = !only || only.includes(ecosystem.watcher);
  // Left out by --only it is not started, but what runs is told what has changed.
  if (!app || !(isWanted || watchers.some(({ status }) => status !== 'stopped'))) return [];
  const digest = await handOver(task, watchers, failures);
  const declared = { apps: [{ ...app, env: { ...app.env, [CONFIG_DIGEST]: digest } }], configured };
  const plan = planStart(declared, watchers, launch.ownership);
  const steps = await carryOut(task, { ...launch, declared }, plan, failures);
  removeConfigs(launch.pm2Home, ecosystem.watcher, new Set([digest, ...digestsInSavedList(launch.pm2Home)]));
  return isWanted ? steps : steps.filter((step) => step.do !== 'keep');
}

/** Leaves the watcher its configuration. @returns its digest, by which the watcher's declaration names it */
async function handOver(
  { ecosystem, launch, only }: BringInLine,
  watchers: readonly Pm2Process[],
  failures: ReadonlyMap<string, string>,
): Promise<string> {
  const { client, ownership, pm2Home } = launch;
  const wanted = launch.declared.apps.flatMap(({ name }) =>
    (!only || only.includes(name)) && !failures.has(name) ? [name] : [],
  );
  const config = appliedConfig({
    declared: { ...ecosystem.watch, owner: ownership.file },
    before: configOf(pm2Home, ownership.file, watchers[0]),
    applied: new Set(wanted),
    listed: new Set((await client.list()).filter(ownership.isOurs).map(({ name }) => name)),
  });
  return writeConfig(pm2Home, config);
}

async function carryOut(
  { print }: BringInLine,
  launch: Launch,
  steps: readonly Step[],
  failures: Map<string, string>,
): Promise<Step[]> {
  const done: Step[] = [];
  for (const step of steps) {
    if (step.do === 'delete-last' && failures.size > 0) {
      print(`${step.app}: no longer declared, but left running: not all that may use it could be changed`);
      continue;
    }
    try {
      await applyStep(launch, step);
      if (step.do !== 'keep') print(describeStep(step));
      done.push(step);
    } catch (error) {
      if (!(error instanceof Pm2Error) || error.code === 'lost') throw error;
      failures.set(step.app, error.message);
    }
  }
  return done;
}
