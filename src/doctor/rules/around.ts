import type { Facts } from '../facts.ts';
import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';

const MB = 1024 ** 2;
/** Below this a log cannot be written for long. */
const FULL_BYTES = 64 * MB;
const FEW_DAYS = 3;

/** Writes the unit and our part of the saved list, and hands the running daemon over. */
const INSTALL = 'npx lifeguard boot install';

/** What is around the backends: PM2, the logs, the boot, the machine. */
export const AROUND_RULES: readonly Rule[] = [
  rule({
    id: 'pm2-not-running',
    group: 'PM2',
    severity: 'error',
    title: 'PM2 is not running',
    why: 'Nothing of the project runs, and nothing will be started.',
    cure: 'Start the project. That it comes back at a boot is another matter: see boot-not-installed.',
    example: 'npx lifeguard start',
    needs: ['processes', 'project'],
    find: ({ processes, project }) =>
      processes === null && project.kind === 'valid'
        ? [{ subject: null, symptom: 'PM2 is not running', evidence: 'no daemon answers', command: 'npx lifeguard start' }]
        : [],
  }),
  rule({
    id: 'nobody-watches',
    group: 'PM2',
    severity: 'error',
    title: 'lifeguard does not answer',
    why: 'Nobody checks the backends: a hang, a 503, a leak goes unseen, and PM2 alone restarts what crashes, without a limit that holds.',
    cure: 'Start it, and read its log if it does not stay up.',
    example: 'npx lifeguard start',
    needs: ['processes', 'statuses', 'project'],
    find({ processes, statuses, project }) {
      if (processes === null || statuses !== null || project.kind !== 'valid') return [];
      const own = processes.find(({ name }) => name === project.watcher);
      const evidence = own ? `PM2 has ${project.watcher} as ${own.status}` : `${project.watcher} is not in PM2's list`;
      const command = own?.status === 'online' ? `npx lifeguard logs ${project.watcher} --no-follow` : 'npx lifeguard start';
      return [{ subject: project.watcher, symptom: 'nobody checks the backends', evidence, command }];
    },
  }),
  rule({
    id: 'pm2-other-version',
    group: 'PM2',
    severity: 'warning',
    title: 'The daemon runs another version of PM2',
    why: 'An older daemon goes on after an upgrade until it is started anew, and does not know what the new command line tells it.',
    cure: 'Save the list, end the daemon and bring the list back. Under systemd never `pm2 update`, which leaves everything down: restart the unit.',
    example: 'npx pm2 save && npx pm2 kill && npx pm2 resurrect',
    needs: ['versions'],
    find: ({ versions: { pm2, daemonPm2 } }) =>
      daemonPm2 !== null && daemonPm2 !== pm2
        ? [
            {
              subject: null,
              symptom: 'the daemon runs another version of PM2',
              evidence: `${daemonPm2} runs, ${pm2} is installed`,
              command: 'npx pm2 save && npx pm2 kill && npx pm2 resurrect',
            },
          ]
        : [],
  }),
  rule({
    id: 'daemon-node-gone',
    group: 'PM2',
    severity: 'warning',
    title: 'The Node that the daemon runs on is gone',
    why: 'It was upgraded or removed (nvm): what runs goes on, but cluster workers cannot be started, nor the daemon itself again.',
    cure: 'Save the list, end the daemon and bring the list back with the Node of today; write the boot unit anew.',
    example: 'npx pm2 save && npx pm2 kill && npx pm2 resurrect',
    needs: ['versions'],
    find: ({ versions: { daemonNode } }) =>
      daemonNode?.endsWith(' (deleted)')
        ? [
            {
              subject: null,
              symptom: 'the Node that the daemon runs on is gone',
              evidence: daemonNode,
              command: 'npx pm2 save && npx pm2 kill && npx pm2 resurrect',
            },
          ]
        : [],
  }),
  rule({
    id: 'dump-readable',
    group: 'PM2',
    severity: 'warning',
    title: "PM2's saved list can be read by others",
    why: 'It holds the whole environment of every app, secrets too, in clear; PM2 writes it for all to read.',
    cure: 'Take the right to read it from others. Better still, keep secrets in an `env_file`: its values never reach PM2.',
    example: 'chmod 600 ~/.pm2/dump.pm2',
    needs: ['dump'],
    find: ({ dump }) =>
      dump !== null && (dump.mode & 0o044) !== 0 && dump.secrets.length > 0
        ? [
            {
              subject: null,
              symptom: "PM2's saved list, with secrets in it, can be read by others",
              evidence: `mode ${(dump.mode & 0o777).toString(8)}; it has ${dump.secrets.slice(0, 4).join(', ')}`,
              command: `chmod 600 ${dump.path}`,
              mend: { do: 'chmod', path: dump.path, mode: 0o600 },
            },
          ]
        : [],
  }),
  rule({
    id: 'disk-full',
    group: 'logs',
    severity: 'error',
    title: 'The disk is full',
    why: 'Log lines are lost, databases stop, and what the backend writes fails. lifeguard frees rotated logs, as far as retention lets it.',
    cure: 'Make room: see what is large. `logs.max_total` keeps the logs within a size.',
    example: 'du -xh / | sort -h | tail -20',
    needs: ['folders'],
    find: ({ folders }) =>
      folders
        .filter(({ exists, freeBytes, totalBytes }) => exists && freeBytes < Math.min(FULL_BYTES, totalBytes / 10))
        .map(({ directory, freeBytes }) => ({
          subject: directory,
          symptom: 'its disk is full',
          evidence: `${Math.round(freeBytes / MB)} MB left`,
          command: `du -ah ${directory} | sort -h | tail -20`,
        })),
  }),
  rule({
    id: 'disk-filling',
    group: 'logs',
    severity: 'warning',
    title: 'The logs will fill the disk',
    why: 'At the rate of the last day there is no room left within days.',
    cure: 'Set `logs.max_total`, or a shorter `logs.retain`; look for who logs so much.',
    example: 'du -ah logs | sort -h | tail -20',
    needs: ['folders'],
    find: ({ folders }) =>
      folders
        .filter(({ freeBytes, writtenPerDayBytes }) => freeBytes >= FULL_BYTES && freeBytes < FEW_DAYS * writtenPerDayBytes)
        .map(({ directory, freeBytes, writtenPerDayBytes }) => ({
          subject: directory,
          symptom: `its disk is full in ${Math.max(1, Math.floor(freeBytes / writtenPerDayBytes))} days at this rate`,
          evidence: `${Math.round(writtenPerDayBytes / MB)} MB a day, ${Math.round(freeBytes / MB)} MB left`,
          command: `du -ah ${directory} | sort -h | tail -20`,
        })),
  }),
  rule({
    id: 'logs-not-writable',
    group: 'logs',
    severity: 'error',
    title: 'The log folder cannot be written',
    why: 'PM2 starts no app whose log it cannot open, and no incident can be written down.',
    cure: 'Make the folder, or give it to the user who runs PM2.',
    example: 'mkdir -p logs',
    needs: ['folders', 'processes'],
    find: ({ folders, processes }) =>
      folders.flatMap(({ directory, exists, writable }): Seen[] => {
        if (exists && writable) return [];
        // It is made at the first start.
        if (!exists && processes === null) return [];
        const evidence = exists ? `${directory} may not be written by this user` : `${directory} is not there`;
        const command = exists ? `ls -ld ${directory}` : `mkdir -p ${directory}`;
        const mend = exists ? {} : { mend: { do: 'mkdir', path: directory } as const };
        return [{ subject: directory, symptom: 'logs cannot be written there', evidence, command, ...mend }];
      }),
  }),
  rule({
    id: 'another-rotator',
    group: 'logs',
    severity: 'warning',
    title: 'Somebody else rotates the logs too',
    why: 'Two that rotate one file lose lines. lifeguard stands back while another one does it.',
    cure: 'Choose one: take the files out of the other one, or leave it to it and know that it may lose lines.',
    example: 'npx pm2 uninstall pm2-logrotate',
    needs: ['rivals'],
    find: ({ rivals }) =>
      [...new Set(rivals.map(({ rival }) => rival))].map((rival) => ({
        subject: rival,
        symptom: 'it rotates the logs too',
        evidence: rivals
          .filter((each) => each.rival === rival)
          .slice(0, 3)
          .map(({ file }) => file)
          .join(', '),
        command: rival.startsWith('the PM2 module ') ? `npx pm2 uninstall ${rival.slice(15)}` : `grep -n . ${rival}`,
      })),
  }),
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
              command: boot.installed ? `sudo systemctl enable ${boot.unit}` : INSTALL,
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
  rule({
    id: 'memory-short',
    group: 'machine',
    severity: 'warning',
    title: 'The machine is short of memory',
    why: 'When it is out the kernel kills the process that it thinks can best be spared, which is often the largest backend.',
    cure: 'See what takes it; `restart.max_memory` makes a graceful restart of what would be a kill.',
    example: 'ps aux --sort=-rss | head',
    needs: ['machine'],
    find: ({ machine: { availableBytes, totalBytes } }) =>
      availableBytes < totalBytes / 20
        ? [
            {
              subject: null,
              symptom: 'memory is nearly out',
              evidence: `${Math.round(availableBytes / MB)} MB of ${Math.round(totalBytes / MB)} MB available`,
              command: 'ps aux --sort=-rss | head',
            },
          ]
        : [],
  }),
];

/** Where nothing starts at a boot there is no list to be stale. */
function staleList(dump: Facts['dump'], processes: Facts['processes'], boot: Facts['boot']): Seen[] {
  if (processes === null || processes.length === 0 || !(boot.systemd && boot.installed)) return [];
  const running = [...new Set(processes.map(({ name }) => name))];
  const missing = running.filter((name) => !dump?.apps.includes(name));
  if (missing.length === 0) return [];
  const evidence = dump === null ? 'nothing was ever saved' : `not in it: ${missing.join(', ')}`;
  return [{ subject: null, symptom: 'a boot would not bring back what runs', evidence, command: 'npx pm2 save' }];
}
