import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import type { Context } from '../../context.ts';
import { defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { type BootOptions, type Here, lookHere, placeMeant, tellFindings, userMeant } from './here.ts';
import { install } from './install.ts';

/** Lets PM2, and what it runs of this project, start with the machine. */
export function addBoot(program: Command, context: Context): void {
  defineCommand(
    program,
    'boot <action>',
    'start with the machine: install, status or remove',
    'install: puts this project into the list that PM2 brings back at a boot, writes a systemd unit for PM2, and hands the running daemon over to systemd. Nothing is restarted. An ordinary user is told the line that root has to run; with --user it is a unit in his own systemd, and needs no root.\nstatus: what is wrong with the next boot, and what mends it.\nremove: takes the unit away; what runs goes on.\nExit status: 0 all well, 1 something is to be done.',
  )
    .option('--user [name]', 'without a name: in your own systemd, without root; as root with one: whose PM2 it is (root)')
    .action(async (action: string, options: BootOptions) => {
      const actions = process.platform === 'darwin' ? await ofLaunchd() : { install, status, remove };
      const isKnown = (word: string): word is keyof typeof actions => Object.hasOwn(actions, word);
      if (!isKnown(action)) throw new LifeguardError('usage', `${action}: expected one of ${Object.keys(actions).join(', ')}`);
      return actions[action](context, options);
    });
}

async function ofLaunchd() {
  const { installJob, jobStatus, removeJob } = await import('./launchd.ts');
  return {
    install: installJob,
    status: jobStatus,
    remove: async (...asked: Parameters<typeof removeJob>) => removeJob(...asked),
  };
}

async function status(context: Context, options: BootOptions): Promise<void> {
  const here = await lookHere(context, options);
  const [{ bootFindings }, { requireSystemd }, { savedApps }] = await Promise.all([
    import('../../../boot/findings.ts'),
    import('../../../boot/systemctl.ts'),
    import('../../../pm2/launch/saved-list.ts'),
  ]);
  requireSystemd();
  const { facts, place, listed, ownership } = here;
  const findings = bootFindings({ facts, place, listed, saved: savedApps(here.pm2Home), isOurs: ownership.isOurs });
  tellFindings(context, options, findings, wellText(here));
}

function wellText({ place, listed, ownership }: Here): string {
  const names = [...new Set((listed ?? []).filter(ownership.isOurs).map(({ name }) => name))];
  const whose = place.manager === 'user' ? 'your own systemd' : 'systemd';
  return `A boot brings back ${names.join(', ')}; ${whose} looks after PM2 (${place.unit}).`;
}

async function remove(context: Context, options: BootOptions): Promise<void> {
  const name = userMeant(options);
  const place = await placeMeant(options);
  if (place.manager === 'system' && userInfo().uid !== 0)
    throw new LifeguardError('needs-root', 'only root may take the unit away', {
      hint: `sudo npx lifeguard boot remove --user ${name}`,
    });
  const { removeBoot } = await import('../../../boot/remove.ts');
  const removed = removeBoot(place);
  if (options.json) context.print(JSON.stringify(removed, null, 2));
  else if (!removed.removed) context.print(`There is nothing of lifeguard's in ${removed.unit}.`);
  else
    context.print(
      removed.over
        ? `${removed.unit} is again as pm2 startup wrote it.`
        : `${removed.unit} is gone: nothing starts with the machine.${removed.running ? ' What runs goes on.' : ''}${place.manager === 'user' ? `\nLingering stays on; loginctl disable-linger ${name} ends it, and with it all of yours at your last logout.` : ''}`,
    );
  context.finish(EXIT.well);
}
