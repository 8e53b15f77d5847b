import { type Rule, rule } from '../rule.ts';

/** PM2's daemon, its saved list, and lifeguard under it. */
export const PM2_RULES: readonly Rule[] = [
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
];
