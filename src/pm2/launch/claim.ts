import type { Declared } from '../apps/reconcile.ts';
import type { LauncherClient } from '../daemon/launcher-client.ts';
import { readAdoptions, writeAdoptions } from '../ownership/adopted.ts';
import { clashesOf, refuseClashes } from '../ownership/clash.ts';
import { type Ownership, ownershipOf } from '../ownership/owner.ts';
import { recordOf } from '../ownership/record.ts';
import type { Pm2Process } from '../types.ts';
import type { Ecosystem } from './ecosystem.ts';
import { savedApps } from './saved-list.ts';
import { type Adopt, takeOver } from './take-over.ts';

export interface Claim {
  readonly ecosystem: Ecosystem;
  readonly declared: Declared;
  readonly client: LauncherClient;
  readonly pm2Home: string;
  /** `--only`; null: all. */
  readonly only: readonly string[] | null;
  readonly envName: string | null;
  /** null: what is somebody else's stays so. */
  readonly adopt: Adopt | null;
  readonly print: (line: string) => void;
}

/**
 * Makes sure that the names of what is to be started are ours in this PM2.
 * @throws LifeguardError `clash`, `would-restart` before anything is touched
 */
export async function claimNames(claim: Claim): Promise<Ownership> {
  const { ecosystem, declared, client, only, adopt } = claim;
  const listed = await client.list();
  const ownership = ownershipNow(claim, listed);
  const names = declared.apps.flatMap(({ name }) => (!only || only.includes(name) || name === ecosystem.watcher ? [name] : []));
  const clashes = clashesOf(names, listed, ownership);
  if (clashes.length === 0) return ownership;
  if (!adopt) refuseClashes(clashes, ecosystem.watcher, ownership);
  else await takeOver({ ...claim, clashes, listed, ownership, adopt });
  return ownershipNow(claim, await client.list());
}

/** What was taken over and has been restarted by us since has a record of its own. */
export async function forgetAdoptions(pm2Home: string, client: LauncherClient): Promise<void> {
  const adoptions = readAdoptions(pm2Home);
  if (adoptions.length === 0) return;
  const listed = await client.list();
  const hasRecord = (name: string, file: string) =>
    listed.some((process) => process.name === name && recordOf(process)?.file === file);
  writeAdoptions(
    pm2Home,
    adoptions.filter(({ app, file }) => !hasRecord(app, file)),
  );
}

function ownershipNow({ ecosystem, pm2Home }: Claim, listed: readonly Pm2Process[]): Ownership {
  return ownershipOf(ecosystem.file, { apps: [...listed, ...savedApps(pm2Home)], adoptions: readAdoptions(pm2Home) });
}
