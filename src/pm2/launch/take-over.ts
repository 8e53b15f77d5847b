import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { digestsOf } from '../apps/digests.ts';
import { pendingOf } from '../apps/pending.ts';
import type { Declared } from '../apps/reconcile.ts';
import type { LauncherClient } from '../daemon/launcher-client.ts';
import { type Adoption, fingerprintOf, readAdoptions, writeAdoptions } from '../ownership/adopted.ts';
import { type Clash, refuseClashes } from '../ownership/clash.ts';
import type { Ownership } from '../ownership/owner.ts';
import type { Pm2Process } from '../types.ts';
import { type Ecosystem, roleIn } from './ecosystem.ts';

/** Whether apps of others that have our names are to be taken over. */
export interface Adopt {
  /** Asked before an app is restarted for it; null: nobody is there to be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
}

export interface TakeOver {
  readonly ecosystem: Ecosystem;
  readonly declared: Declared;
  readonly clashes: readonly Clash[];
  readonly listed: readonly Pm2Process[];
  readonly ownership: Ownership;
  readonly client: LauncherClient;
  readonly pm2Home: string;
  readonly envName: string | null;
  readonly adopt: Adopt;
  readonly print: (line: string) => void;
}

/**
 * Takes over the apps that have our names: as they run where that is what is declared, else, if that is wanted, by taking them out of
 * PM2's list, so that the start that follows replaces them.
 * @throws LifeguardError `clash`, `would-restart` before anything is touched
 */
export async function takeOver(task: TakeOver): Promise<void> {
  refuseHalfAProject(task);
  const taken = task.clashes.map(({ app }) => {
    const processes = task.listed.filter((process) => process.name === app && !task.ownership.isOurs(process));
    return { app, processes, changes: task.ecosystem.wouldChange(app, processes) };
  });
  const replaced = taken.filter(({ changes }) => changes.length > 0);
  if (replaced.length > 0) await askFirst(task, replaced);
  const adopted = taken
    .filter(({ changes }) => changes.length === 0)
    .map(({ app, processes }) => adoptionOf(task, app, processes));
  const others = readAdoptions(task.pm2Home).filter(({ app }) => !taken.some((each) => each.app === app));
  writeAdoptions(task.pm2Home, [...others, ...adopted]);
  for (const { app, processes } of replaced) {
    for (const { pmId } of processes) {
      await task.client.announce(pmId, 'delete');
      await task.client.delete(pmId);
    }
    task.print(`${app}: taken over, by a restart`);
  }
}

/** The lifeguard of another file is taken over with all that it watches, or not at all. */
function refuseHalfAProject({ clashes, ecosystem, listed, ownership }: TakeOver): void {
  const watcher = clashes.find(({ app }) => app === ecosystem.watcher);
  if (!watcher || watcher.file === null) return;
  const left = listed.filter((process) => {
    const owner = ownership.ownerOf(process);
    return owner?.file === watcher.file && owner.role === 'backend' && !clashes.some(({ app }) => app === process.name);
  });
  if (left.length > 0) refuseClashes([watcher], ecosystem.watcher, ownership);
}

async function askFirst({ adopt }: TakeOver, replaced: readonly { app: string; changes: readonly string[] }[]): Promise<void> {
  const text = replaced.map(({ app, changes }) => `${app}: does not run as it is declared (${changes.join(', ')})`).join('\n');
  const names = replaced.map(({ app }) => app).join(', ');
  if (adopt.confirm === null)
    throw new LifeguardError(
      'would-restart',
      `${text}\nTo take it over is to restart ${names}. Nothing was started or changed.`,
      {
        hint: 'Declare what runs, or add --yes.',
      },
    );
  if (!(await adopt.confirm(`${text}\nTo take it over is to restart ${names}. Restart?`)))
    throw new LifeguardError('would-restart', 'Nothing was started or changed.');
}

function adoptionOf(task: TakeOver, name: string, processes: readonly Pm2Process[]): Adoption {
  const { ecosystem, declared, ownership, envName, print } = task;
  const app = declared.apps.find((each) => each.name === name);
  const [first] = processes;
  if (!app || !first) throw new Error(`${name} is neither declared nor running`);
  const pending = pendingOf(app, first);
  print(`${name}: taken over as it runs${pending.length > 0 ? `; lifeguard restart ${name} applies ${pending.join(', ')}` : ''}`);
  return {
    app: name,
    fingerprint: fingerprintOf(first),
    file: ownership.file,
    role: roleIn(ecosystem, name),
    at: Date.now(),
    envName,
    digests: digestsOf(app, declared.configured[name]),
  };
}
