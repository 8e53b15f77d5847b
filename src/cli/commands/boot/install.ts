import type { Installed } from '../../../boot/install.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-status.ts';
import { type BootOptions, findingText, type Here, lookHere, savedText, saveOurs, staleList } from './here.ts';

export async function install(context: Context, options: BootOptions): Promise<void> {
  const here = await lookHere(context, options);
  const { requireSystemd } = await import('../../../boot/systemctl.ts');
  requireSystemd();
  if (here.place.manager === 'user') return installMine(context, here, options.json ?? false);
  if (!here.isRoot) return leaveToRoot(context, here, options.json ?? false);
  const isOwn = here.facts.user === 'root';
  if (!isOwn) await refuseTwo(here);
  const saved = isOwn ? await saveOurs(here) : null;
  return write(context, here, saved, options.json ?? false);
}

/** Into the user's own systemd, where lingering lets that start with the machine. */
async function installMine(context: Context, here: Here, json: boolean): Promise<void> {
  await refuseTwo(here);
  const saved = await saveOurs(here);
  const { linger } = await import('../../../boot/linger.ts');
  if (await linger(here.facts.user)) return write(context, here, saved, json);
  const { lingerLine } = await import('../../../boot/findings.ts');
  const line = lingerLine(here.facts.user);
  context.print(
    json
      ? JSON.stringify({ ok: false, saved, asRoot: line }, null, 2)
      : `${savedText(saved)}\nLingering is off for ${here.facts.user}, and this machine lets nobody but root switch it on. Without it all would end at a logout, so\nno unit is written yet. Have root run this line, then say npx lifeguard boot install --user again:\n\n  ${line}\n`,
  );
  context.finish(EXIT.problem);
}

/** @throws LifeguardError `two-units` */
async function refuseTwo({ facts: { user }, place }: Here): Promise<void> {
  const [{ refuseTwoUnits }, { homeOf }] = await Promise.all([
    import('../../../boot/unit-place.ts'),
    import('../../../boot/facts.ts'),
  ]);
  refuseTwoUnits(user, place.manager, homeOf(user));
}

async function write(context: Context, here: Here, saved: readonly string[] | null, json: boolean): Promise<void> {
  const { installUnit } = await import('../../../boot/install.ts');
  const installed = await installUnit(here.facts, context.host, here.place);
  const stale = await staleList(here);
  if (json) context.print(JSON.stringify({ ok: stale.length === 0, saved, ...installed, findings: stale }, null, 2));
  else
    context.print(
      [...(saved === null ? [] : [savedText(saved)]), ...installedText(installed, here), ...stale.map(findingText)].join('\n'),
    );
  context.finish(stale.length === 0 ? EXIT.well : EXIT.problem);
}

async function leaveToRoot({ print, finish }: Context, here: Here, json: boolean): Promise<void> {
  const saved = await saveOurs(here);
  const { installLine } = await import('../../../boot/findings.ts');
  const line = installLine(here.facts);
  print(
    json
      ? JSON.stringify({ ok: false, saved, asRoot: line, withoutRoot: WITHOUT_ROOT }, null, 2)
      : `${savedText(saved)}\nThe unit is for root to write:\n\n  ${line}\n\nOr without root, a unit in your own systemd:\n\n  ${WITHOUT_ROOT}\n`,
  );
  finish(EXIT.problem);
}

const WITHOUT_ROOT = 'npx lifeguard boot install --user';

function installedText({ unit, path, changed, daemon, handedOver }: Installed, { place, facts }: Here): string[] {
  const isMine = place.manager === 'user';
  return [
    `${path} is ${changed ? 'written' : 'as it is to be'}, and ${unit} is enabled.`,
    ...(isMine ? [`Lingering is on for ${facts.user}: your systemd starts with the machine, and goes on after a logout.`] : []),
    handedOver
      ? `systemd looks after PM2's daemon now (pid ${daemon}). Nothing was restarted${isMine ? '.' : '; limits of the unit hold from its next start on.'}`
      : `systemd looks after PM2's daemon already (pid ${daemon}).`,
  ];
}
