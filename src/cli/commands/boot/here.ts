import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../../boot/findings.ts';
import type { BootFacts } from '../../../boot/unit.ts';
import type { UnitPlace } from '../../../boot/unit-place.ts';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import type { Ownership } from '../../../pm2/ownership/owner.ts';
import type { Pm2Process } from '../../../pm2/types.ts';
import type { Context } from '../../context.ts';
import type { CommonOptions } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { listProcesses } from '../../looking/look.ts';
import { fileMeant, ownershipHere } from '../../project.ts';

export interface BootOptions extends CommonOptions {
  /** A name: whose PM2 root means. true: this user's own systemd. */
  readonly user?: string | true;
}

/** Whose PM2 is meant, what runs in it, and where its unit belongs. */
export interface Here {
  readonly facts: BootFacts;
  readonly place: UnitPlace;
  readonly pm2Home: string;
  readonly listed: readonly Pm2Process[] | null;
  readonly ownership: Ownership;
  readonly isRoot: boolean;
}

export async function lookHere({ pm2Home: own, environment }: Context, options: BootOptions): Promise<Here> {
  const user = userMeant(options);
  const { bootFacts, homeOf } = await import('../../../boot/facts.ts');
  const isOther = user !== userInfo().username && environment.PM2_HOME === undefined;
  const pm2Home = isOther ? join(homeOf(user), '.pm2') : own;
  const listed = await listProcesses(pm2Home);
  const file = fileMeant(pm2Home, options.config, listed ?? []);
  if (file === null)
    throw new LifeguardError('usage', 'there is no ecosystem file here, and this PM2 runs none', {
      hint: 'Say which one with --config FILE.',
    });
  const ownership = ownershipHere(pm2Home, file, listed ?? []);
  const facts = bootFacts(user, pm2Home, listed ?? [], ownership);
  return { facts, place: await placeMeant(options), pm2Home, listed, ownership, isRoot: userInfo().uid === 0 };
}

/** @throws LifeguardError `usage` for somebody else's, where this is not root */
export function userMeant({ user }: BootOptions): string {
  const me = userInfo();
  if (user === true && me.uid === 0) throw new LifeguardError('usage', 'root has to say whose PM2: --user NAME');
  if (typeof user !== 'string') return me.username;
  if (user !== me.username && me.uid !== 0)
    throw new LifeguardError('usage', '--user NAME is for root', { hint: 'For yourself, without root: --user alone.' });
  return user;
}

/** In the user's own systemd where he asks for it, or has it there already; else in the machine's. */
export async function placeMeant(options: BootOptions): Promise<UnitPlace> {
  const { unitPlaceOf, userPlaceIn, writtenUnit } = await import('../../../boot/unit-place.ts');
  const mine = userPlaceIn(homedir());
  const isMine = options.user === true || (userInfo().uid !== 0 && writtenUnit(mine) !== null);
  return isMine ? mine : unitPlaceOf(userMeant(options));
}

/** What the saved list lacks. Root writes no file of another user's: that it is right is up to that one. */
export async function staleList({ pm2Home, listed, ownership }: Here): Promise<Finding[]> {
  const [{ savedFindings }, { savedApps }] = await Promise.all([
    import('../../../boot/findings.ts'),
    import('../../../pm2/launch/saved-list.ts'),
  ]);
  return savedFindings({ listed, saved: savedApps(pm2Home), isOurs: ownership.isOurs });
}

/** Our own entries of PM2's saved list, and nobody else's. @returns their names */
export async function saveOurs({ pm2Home, listed, ownership }: Here): Promise<string[]> {
  const ours = listed?.filter(ownership.isOurs) ?? [];
  if (ours.length === 0)
    throw new LifeguardError('not-running', 'nothing of this project runs, so there is nothing to bring back at a boot', {
      hint: 'npx lifeguard start, then npx lifeguard boot install',
    });
  const { putIntoSavedList } = await import('../../../pm2/launch/saved-list.ts');
  putIntoSavedList(pm2Home, ownership, ours);
  return [...new Set(ours.map(({ name }) => name))];
}

export function findingText({ text, mend }: Finding): string {
  return `${text}\n  ${mend}`;
}

export function savedText(saved: readonly string[]): string {
  return `A boot brings back: ${saved.join(', ')}.`;
}

/** Tells what is wrong with the next boot, or that all is well, and ends with that status. */
export function tellFindings(
  { print, finish }: Context,
  { json }: BootOptions,
  findings: readonly Finding[],
  well: string,
): void {
  const ok = findings.length === 0;
  print(json ? JSON.stringify({ ok, findings }, null, 2) : ok ? well : findings.map(findingText).join('\n'));
  finish(ok ? EXIT.well : EXIT.problem);
}
