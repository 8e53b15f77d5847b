import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { daemonPid, OWNER_MARKER } from '../../host/orphans/marker.ts';
import type { Environment } from '../daemon/environment.ts';
import type { Change, LauncherClient } from '../daemon/launcher-client.ts';
import { type PreparedApp, prepareApp } from '../daemon/upstream.ts';
import { gateIn, readGate, writeGate } from '../gate/gate-file.ts';
import { killTimeoutOf } from '../kill-timeout.ts';
import type { Ownership } from '../ownership/owner.ts';
import { encodeRecord, RECORD_KEY, type Role } from '../ownership/record.ts';
import type { AppDeclaration, Pm2Process } from '../types.ts';
import { appEnvironment } from './app-environment.ts';
import { digestsOf } from './digests.ts';
import { type Ending, endBySignal, standStill } from './ending.ts';
import type { Declared, Step } from './reconcile.ts';

/** What applying a plan needs to know beside the plan. */
export interface Launch {
  readonly client: LauncherClient;
  readonly pm2Home: string;
  /** Whose apps these are: no other app of the same name is touched. */
  readonly ownership: Ownership;
  readonly declared: Declared;
  readonly roleOf: (app: string) => Role;
  readonly withheld: Readonly<Record<string, readonly string[]>>;
  /** `--env NAME`; null: none. */
  readonly envName: string | null;
  /** The launcher's own environment. */
  readonly environment: Environment;
  readonly ending: Ending;
}

/** Decided by PM2 when an app is started; a restart must not touch them. */
const FIXED = new Set(['name', 'exec_mode', 'instances', 'pm_pid_path', 'env', 'namespace']);
const DEFAULT_LISTEN_TIMEOUT_MS = 3_000;

/** @throws Pm2Error when PM2 refuses or does not answer in time */
export async function applyStep(launch: Launch, step: Step): Promise<void> {
  const app = launch.declared.apps.find(({ name }) => name === step.app);
  if (step.do === 'keep') return;
  if (step.do.startsWith('delete')) await deleteApp(launch, step.app);
  if (!app || step.do === 'delete' || step.do === 'delete-last') return;
  setGate(app.args, 'asked', launch.pm2Home); // an operator's start waits as one at a boot does
  if (step.do === 'start' || step.do === 'delete-and-start') await launch.client.prepare(prepare(launch, app));
  else await restartApp(launch, app, 'reload');
}

/**
 * Restarts every process of an app, one after the other, with the declaration and the environment as they are now.
 * `reload`: workers of a cluster that run are replaced without a gap; everything else is restarted.
 */
export async function restartApp(launch: Launch, app: AppDeclaration, how: 'restart' | 'reload'): Promise<void> {
  const prepared = prepare(launch, app);
  for (const process of await processesOf(launch.client, launch.ownership, app.name)) {
    if (process.status === 'waiting restart') await launch.client.stop(process.pmId); // see Pm2Client.restart
    const wasOpen = isOpen(process, launch.pm2Home);
    const stands = await standStill(launch.client, launch.ending, launch.ownership, process, launch.pm2Home);
    if (stands && wasOpen) setGate(process.env.args, 'open', launch.pm2Home); // lifeguard takes it for a stop by hand
    const reload = how === 'reload' && process.execMode === 'cluster' && process.status === 'online' && !stands;
    const waitMs = killTimeoutOf(app) + (reload ? (app.listen_timeout ?? DEFAULT_LISTEN_TIMEOUT_MS) : 0);
    const method = reload ? 'reloadProcessId' : 'restartProcessId';
    try {
      await launch.client.change(method, process.pmId, changeOf(process, prepared), waitMs);
    } catch (error) {
      if (!(await isNewProcess(launch.client, process))) throw error;
    }
    await launch.client.announce(process.pmId, reload ? 'reload' : 'restart');
  }
}

/** What taking an app down needs to know. */
export type Taking = Pick<Launch, 'client' | 'ownership' | 'ending'>;

export async function stopApp({ client, ownership, ending }: Taking, name: string): Promise<void> {
  for (const process of await processesOf(client, ownership, name)) {
    if (ending.signalOf(name) !== null) await client.announce(process.pmId, 'stop'); // an end by a signal is no crash
    await endBySignal(ending, process);
    await client.stop(process.pmId);
    await client.announce(process.pmId, 'stop');
  }
}

function setGate(args: unknown, word: 'open' | 'asked', pm2Home: string): void {
  const [gate, daemon] = [gateIn(args), daemonPid(pm2Home)];
  if (gate !== null && daemon !== null) writeGate(gate, word, daemon);
}

function isOpen({ env }: Pm2Process, pm2Home: string): boolean {
  const [gate, daemon] = [gateIn(env.args), daemonPid(pm2Home)];
  return gate !== null && daemon !== null && readGate(gate, daemon) === 'open';
}

export async function deleteApp({ client, ownership, ending }: Taking, name: string): Promise<void> {
  for (const process of await processesOf(client, ownership, name)) {
    await client.announce(process.pmId, 'delete'); // before, for the bus does not know it afterwards
    await endBySignal(ending, process);
    await client.delete(process.pmId);
  }
}

/**
 * While an app that is being restarted has ended and is not started yet, PM2 shows it as 'waiting restart' for up to 100 ms, and lets
 * somebody else start it: lifeguard, say. Then PM2 refuses ours, though the new process goes by what we have just declared.
 */
async function isNewProcess(client: LauncherClient, before: Pm2Process): Promise<boolean> {
  const now = (await client.list()).find(({ pmId }) => pmId === before.pmId);
  return now !== undefined && now.status === 'online' && now.startedAt !== before.startedAt;
}

async function processesOf(client: LauncherClient, { isOurs }: Ownership, name: string): Promise<Pm2Process[]> {
  return (await client.list()).filter((process) => process.name === name && isOurs(process));
}

function prepare(launch: Launch, app: AppDeclaration): PreparedApp {
  for (const file of [app.out_file, app.error_file]) mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  const own = appEnvironment(app, { ...launch, withheld: launch.withheld[app.name] ?? [] });
  const environment = { ...own, [OWNER_MARKER]: launch.ownership.file };
  const record = encodeRecord({
    file: launch.ownership.file,
    role: launch.roleOf(app.name),
    at: Date.now(),
    envName: launch.envName,
    digests: digestsOf(app, launch.declared.configured[app.name]),
  });
  return { ...prepareApp(app, environment, launch.pm2Home), [RECORD_KEY]: record };
}

/**
 * PM2 spreads an app's variables over its own notes on the app and starts it with the lot: a variable that is gone from the
 * environment has to be taken out of the notes too.
 */
function changeOf(process: Pm2Process, prepared: PreparedApp): Change {
  const before = (process.env.env ?? {}) as Record<string, string>;
  const gone = Object.keys(before).filter((name) => !(name in prepared.env) && !(name in prepared) && name !== 'unique_id');
  const declaration = Object.entries(prepared).filter(([key]) => !FIXED.has(key));
  return {
    environment: before.unique_id === undefined ? prepared.env : { ...prepared.env, unique_id: before.unique_id },
    declaration: Object.fromEntries([...declaration, ...gone.map((name) => [name, 'null'])]),
  };
}
