import { dirname } from 'node:path';
import type { Subject } from '../subject.ts';
import { word } from './quote.ts';
import type { UnitLine } from './unit-file.ts';

/** Homes are hidden from a service that needs nothing in them. */
const HOMES = /^\/(home|root|run\/user)(\/|$)/;

/** What no unit of an export needs. */
const TAKEN_AWAY: readonly UnitLine[] = [
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['DevicePolicy', 'closed'],
  ['ProtectClock', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectProc', 'invisible'],
  ['LockPersonality', 'yes'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallFilter', '~@privileged'],
  ['SystemCallErrorNumber', 'EPERM'],
  ['RemoveIPC', 'yes'],
  ['KeyringMode', 'private'],
  ['UMask', '0027'],
];

/** For a unit that writes nothing, and speaks to systemd alone. */
export const HARDENED_BASE: readonly UnitLine[] = [
  ['NoNewPrivileges', 'yes'],
  ['CapabilityBoundingSet', ''],
  ['ProtectSystem', 'strict'],
  ['ProtectHome', 'yes'],
  ...TAKEN_AWAY,
  ['RestrictAddressFamilies', 'AF_UNIX'],
];

/**
 * What a backend has no need for is taken away: `systemd-analyze security` says 1.8 of it, and 9.6 of the unit that PM2 writes.
 * Left open on purpose: memory both writable and executable (every just-in-time compiler, so all of Node), the network, /proc/cpuinfo
 * and its like.
 */
export function hardeningOf(subject: Subject): readonly UnitLine[] {
  const { port } = subject.backend;
  const capabilities = port !== null && port < 1_024 ? 'CAP_NET_BIND_SERVICE' : '';
  return [
    ['NoNewPrivileges', 'yes'],
    ['CapabilityBoundingSet', capabilities],
    ['AmbientCapabilities', capabilities],
    ['ProtectSystem', 'strict'],
    [
      'ReadWritePaths',
      writable(subject)
        .map((path) => word(`-${path}`))
        .join(' '),
    ],
    ['ProtectHome', touchesHomes(subject) ? 'read-only' : 'yes'],
    ...TAKEN_AWAY,
    ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  ];
}

/** Its own folder, and the folders of the log files that it writes by itself. All else is read-only to it. */
export function writable({ backend: { run, logs } }: Subject): readonly string[] {
  return [...new Set([run.cwd, ...logs.files.map((file) => dirname(file))])];
}

function touchesHomes(subject: Subject): boolean {
  return [...subject.line, ...writable(subject)].some((path) => HOMES.test(path));
}
