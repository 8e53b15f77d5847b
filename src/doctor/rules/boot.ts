import { USER_UNIT } from '../../boot/unit.ts';
import type { Facts } from '../facts.ts';
import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';

/** Writes the unit and our part of the saved list, and hands the running daemon over. */
const INSTALL = 'npx lifeguard boot install';

/** Whether all comes back after a reboot. */
export const BOOT_RULES: readonly Rule[] = [
  rule({
    id: 'boot-not-installed',
    group: 'boot',
    severity: 'warning',
    title: 'PM2 does not start with the machine',
    why: 'After a reboot or a power cut nothing of this runs until somebody logs in.',
    cure: 'Have a unit written that brings this project back. Nothing is restarted; an ordinary user is told the line that root has to run. docs/boot.md says what it does.',
    example: INSTALL,
    needs: ['boot', 'processes'],
    find: ({ boot, processes }) =>
      boot.systemd && processes !== null && !(boot.installed && boot.enabled)
        ? [
            {
              subject: boot.unit,
              symptom: 'PM2 does not start with the machine',
              evidence: boot.installed ? `${boot.unit} is not enabled` : `there is no ${boot.unit}`,
              command: boot.installed ? enableLine(boot.unit) : INSTALL,
            },
          ]
        : [],
  }),
  rule({
    id: 'boot-not-supervised',
    group: 'boot',
    severity: 'warning',
    title: 'systemd does not look after the running daemon',
    why: 'The daemon was started by hand: if it dies nobody starts it again until the next boot.',
    cure: 'Hand it over: nothing is restarted.',
    example: INSTALL,
    needs: ['boot', 'processes'],
    find: ({ boot, processes }) =>
      boot.systemd && boot.installed && boot.enabled && !boot.active && processes !== null
        ? [
            {
              subject: boot.unit,
              symptom: 'systemd does not look after the running daemon',
              evidence: `${boot.unit} is enabled and not active`,
              command: INSTALL,
            },
          ]
        : [],
  }),
  rule({
    id: 'boot-program-gone',
    group: 'boot',
    severity: 'error',
    title: 'The boot unit starts a program that is gone',
    why: 'Node or PM2 was moved or upgraded (nvm): at the next boot the unit fails after five tries.',
    cure: 'Have the unit written anew.',
    example: INSTALL,
    needs: ['boot'],
    find: ({ boot: { unit, programGone } }) =>
      programGone === null
        ? []
        : [
            {
              subject: unit,
              symptom: 'it starts a program that is gone',
              evidence: programGone,
              command: INSTALL,
            },
          ],
  }),
  rule({
    id: 'boot-list-stale',
    group: 'boot',
    severity: 'warning',
    title: 'The saved list is not what runs',
    why: 'A boot brings back what was saved: not what was added or taken out since.',
    cure: 'Save the list as it is now.',
    example: 'npx pm2 save',
    needs: ['dump', 'processes', 'boot'],
    find: ({ dump, processes, boot }) => staleList(dump, processes, boot),
  }),
];

/** A user's own systemd has ours alone. */
function enableLine(unit: string): string {
  return unit === USER_UNIT ? `systemctl --user enable ${unit}` : `sudo systemctl enable ${unit}`;
}

/** Where nothing starts at a boot there is no list to be stale. */
function staleList(dump: Facts['dump'], processes: Facts['processes'], boot: Facts['boot']): Seen[] {
  if (processes === null || processes.length === 0 || !(boot.systemd && boot.installed)) return [];
  const running = [...new Set(processes.map(({ name }) => name))];
  const missing = running.filter((name) => !dump?.apps.includes(name));
  if (missing.length === 0) return [];
  const evidence = dump === null ? 'nothing was ever saved' : `not in it: ${missing.join(', ')}`;
  return [{ subject: null, symptom: 'a boot would not bring back what runs', evidence, command: 'npx pm2 save' }];
}
