import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Finding } from '../../boot/findings.ts';
import type { Installed } from '../../boot/install.ts';
import type { BootFacts } from '../../boot/unit.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import type { Ownership } from '../../pm2/ownership/owner.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { listProcesses } from '../looking/look.ts';
import { fileMeant, ownershipHere } from '../project.ts';

interface BootOptions extends CommonOptions {
  readonly user?: string;
}

const ACTIONS = ['install', 'status', 'remove'] as const;

/** Lets PM2, and what it runs of this project, start with the machine. */
export function addBoot(program: Command, context: Context): void {
  defineCommand(
    program,
    'boot <action>',
    'start with the machine: install, status or remove',
    'install: puts this project into the list that PM2 brings back at a boot, writes a systemd unit for PM2, and hands the running daemon over to systemd. Nothing is restarted. An ordinary user is told the line that root has to run.\nstatus: what is wrong with the next boot, and what mends it.\nremove: takes the unit away; what runs goes on.\nExit status: 0 all well, 1 something is to be done.',
  )
    .option('--user <name>', 'as root: whose PM2 it is (root)')
    .action(async (action: string, options: BootOptions) => {
      if (action === 'install') return install(context, options);
      if (action === 'status') return status(context, options);
      if (action === 'remove') return remove(context, options);
      throw new LifeguardError('usage', `${action}: expected one of ${ACTIONS.join(', ')}`);
    });
}

/** Whose PM2 is meant, and what runs in it. */
interface Here {
  readonly facts: BootFacts;
  readonly pm2Home: string;
  readonly listed: readonly Pm2Process[] | null;
  readonly ownership: Ownership;
  readonly isRoot: boolean;
}

async function lookHere({ pm2Home: own, environment }: Context, { config, user: named }: BootOptions): Promise<Here> {
  const me = userInfo();
  const user = named ?? me.username;
  if (user !== me.username && me.uid !== 0) throw new LifeguardError('usage', '--user is for root');
  const { bootFacts, homeOf } = await import('../../boot/facts.ts');
  const isOther = user !== me.username && environment.PM2_HOME === undefined;
  const pm2Home = isOther ? join(homeOf(user), '.pm2') : own;
  const listed = await listProcesses(pm2Home);
  const file = fileMeant(pm2Home, config, listed ?? []);
  if (file === null)
    throw new LifeguardError('usage', 'there is no ecosystem file here, and this PM2 runs none', {
      hint: 'Say which one with --config FILE.',
    });
  const ownership = ownershipHere(pm2Home, file, listed ?? []);
  return { facts: bootFacts(user, pm2Home, listed ?? [], ownership), pm2Home, listed, ownership, isRoot: me.uid === 0 };
}

async function install(context: Context, options: BootOptions): Promise<void> {
  const here = await lookHere(context, options);
  const { requireSystemd } = await import('../../boot/systemctl.ts');
  requireSystemd();
  if (!here.isRoot) return leaveToRoot(context, here, await saveOurs(here), options.json ?? false);
  const saved = here.facts.user === 'root' ? await saveOurs(here) : null;
  const { installUnit } = await import('../../boot/install.ts');
  const installed = await installUnit(here.facts, context.host);
  const stale = await staleList(here);
  if (options.json) context.print(JSON.stringify({ ok: stale.length === 0, saved, ...installed, findings: stale }, null, 2));
  else
    context.print(
      [...(saved === null ? [] : [savedText(saved)]), ...installedText(installed), ...stale.map(findingText)].join('\n'),
    );
  context.finish(stale.length === 0 ? EXIT.well : EXIT.problem);
}

async function leaveToRoot({ print, finish }: Context, { facts }: Here, saved: readonly string[], json: boolean): Promise<void> {
  const { installLine } = await import('../../boot/findings.ts');
  const line = installLine(facts);
  print(
    json
      ? JSON.stringify({ ok: false, saved, asRoot: line }, null, 2)
      : `${savedText(saved)}\nThe unit is for root to write:\n\n  ${line}\n`,
  );
  finish(EXIT.problem);
}

/** Root writes no file of another user's: that the saved list is right is up to that one. */
async function staleList({ pm2Home, listed, ownership }: Here): Promise<Finding[]> {
  const [{ savedFindings }, { savedApps }] = await Promise.all([
    import('../../boot/findings.ts'),
    import('../../pm2/launch/saved-list.ts'),
  ]);
  return savedFindings({ listed, saved: savedApps(pm2Home), isOurs: ownership.isOurs });
}

/** Our own entries of PM2's saved list, and nobody else's. @returns their names */
async function saveOurs({ pm2Home, listed, ownership }: Here): Promise<string[]> {
  const ours = listed?.filter(ownership.isOurs) ?? [];
  if (ours.length === 0)
    throw new LifeguardError('not-running', 'nothing of this project runs, so there is nothing to bring back at a boot', {
      hint: 'npx lifeguard start, then npx lifeguard boot install',
    });
  const { putIntoSavedList } = await import('../../pm2/launch/saved-list.ts');
  putIntoSavedList(pm2Home, ownership, ours);
  return [...new Set(ours.map(({ name }) => name))];
}

function savedText(saved: readonly string[]): string {
  return `A boot brings back: ${saved.join(', ')}.`;
}

function installedText({ unit, path, changed, daemon, handedOver }: Installed): string[] {
  return [
    `${path} is ${changed ? 'written' : 'as it is to be'}, and ${unit} is enabled.`,
    handedOver
      ? `systemd looks after PM2's daemon now (pid ${daemon}). Nothing was restarted; limits of the unit hold from its next start on.`
      : `systemd looks after PM2's daemon already (pid ${daemon}).`,
  ];
}

async function status(context: Context, options: BootOptions): Promise<void> {
  const { facts, pm2Home, listed, ownership } = await lookHere(context, options);
  const [{ bootFindings }, { requireSystemd }, { savedApps }] = await Promise.all([
    import('../../boot/findings.ts'),
    import('../../boot/systemctl.ts'),
    import('../../pm2/launch/saved-list.ts'),
  ]);
  requireSystemd();
  const findings = bootFindings({ facts, listed, saved: savedApps(pm2Home), isOurs: ownership.isOurs });
  if (options.json) context.print(JSON.stringify({ ok: findings.length === 0, findings }, null, 2));
  else context.print(findings.length === 0 ? wellText(facts, listed, ownership) : findings.map(findingText).join('\n'));
  context.finish(findings.length === 0 ? EXIT.well : EXIT.problem);
}

function findingText({ text, mend }: Finding): string {
  return `${text}\n  ${mend}`;
}

function wellText({ user }: BootFacts, listed: readonly Pm2Process[] | null, { isOurs }: Ownership): string {
  const names = [...new Set((listed ?? []).filter(isOurs).map(({ name }) => name))];
  return `A boot brings back ${names.join(', ')}; systemd looks after PM2 (pm2-${user}.service).`;
}

async function remove(context: Context, { user, json }: BootOptions): Promise<void> {
  const name = user ?? userInfo().username;
  if (userInfo().uid !== 0)
    throw new LifeguardError('needs-root', 'only root may take the unit away', {
      hint: `sudo npx lifeguard boot remove --user ${name}`,
    });
  const { removeBoot } = await import('../../boot/remove.ts');
  const removed = removeBoot(name);
  if (json) context.print(JSON.stringify(removed, null, 2));
  else if (!removed.removed) context.print(`There is nothing of lifeguard's in ${removed.unit}.`);
  else
    context.print(
      removed.over
        ? `${removed.unit} is again as pm2 startup wrote it.`
        : `${removed.unit} is gone: nothing starts with the machine.${removed.running ? ' What runs goes on.' : ''}`,
    );
  context.finish(EXIT.well);
}
