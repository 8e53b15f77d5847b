import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';
import { megabytes } from './megabytes.ts';

/** Below this a log cannot be written for long. */
const FULL_BYTES = 64 * 1024 ** 2;
const FEW_DAYS = 3;
/** Lines a minute: fewer are no trend. */
const LOUD = 1;
const MORE = 3;

/** The folders that logs are written to, and who else rotates them. */
export const LOG_RULES: readonly Rule[] = [
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
          evidence: `${megabytes(freeBytes)} left`,
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
          evidence: `${megabytes(writtenPerDayBytes)} a day, ${megabytes(freeBytes)} left`,
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
    id: 'log-of-another-user',
    group: 'logs',
    severity: 'error',
    title: 'A log file belongs to another user',
    why: 'PM2 may not write it: what the backend prints is lost, or it does not start at all. It happens where somebody has started it once as root.',
    cure: 'Give the file to the user who runs PM2.',
    example: 'sudo chown USER logs/NAME-error.log',
    needs: ['foreign'],
    find: ({ foreign }) =>
      foreign.map(({ file, owner, user }) => ({
        subject: file,
        symptom: 'PM2 may not write it',
        evidence: `it belongs to user ${owner}, and PM2 runs as user ${user}`,
        command: `sudo chown ${user} ${file}`,
      })),
  }),
  rule({
    id: 'errors-rising',
    group: 'logs',
    severity: 'warning',
    title: 'More error lines than usual',
    why: 'It still answers its checks, and something has begun to fail all the same: a request, a job, something that it depends on.',
    cure: 'Read what is new in its error log; `lifeguard logs --grep` looks for a word of it in the archives, for when it began.',
    example: 'npx lifeguard logs NAME --since 1h --no-follow',
    needs: ['errorRates'],
    find: ({ errorRates }) =>
      errorRates
        .filter(({ recentPerMinute, pastPerMinute }) => recentPerMinute >= LOUD && recentPerMinute > MORE * pastPerMinute)
        .map(({ backend, file, recentPerMinute, pastPerMinute }) => ({
          subject: backend,
          symptom: `${rate(recentPerMinute)} lines a minute in its error log within the last hour`,
          evidence: `${rate(pastPerMinute)} a minute in the week before: ${file}`,
          command: `npx lifeguard logs ${backend} --since 1h --no-follow`,
        })),
  }),
];

function rate(perMinute: number): string {
  return perMinute >= 10 ? String(Math.round(perMinute)) : perMinute.toFixed(1);
}
