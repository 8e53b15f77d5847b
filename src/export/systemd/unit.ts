import { dirname } from 'node:path';
import { headerOf } from '../comment.ts';
import { isLoopback } from '../endpoint.ts';
import type { ExportFile } from '../plan.ts';
import { stopSignalOf } from '../stop-signal.ts';
import type { Subject } from '../subject.ts';
import { hardeningOf } from './hardening.ts';
import { journaled } from './journal.ts';
import { argument, plain, word } from './quote.ts';
import { remarksOf } from './remarks.ts';
import { restarts, startLimit } from './restarts.ts';
import { systemdTime, type UnitLine, unitFile } from './unit-file.ts';

export interface SystemdOptions {
  /** Who the backends run as. */
  readonly user: string;
  /** systemd's version on the machine that the units are for. */
  readonly systemd: number;
}

/** Where systemd looks for programs that are named without a folder. */
const USUAL_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Open files and sockets; a service has 1,024 otherwise. */
const OPEN_FILES = 65_536;

/** One backend as a unit: the guide's option 4, hardened. */
export function unitOf(subject: Subject, options: SystemdOptions): ExportFile {
  const { name } = subject.backend;
  const header = headerOf(`${name}, by \`lifeguard export systemd\`.`, remarksOf(subject));
  const sections = [
    { name: 'Unit', lines: unitLines(subject) },
    { name: 'Service', lines: serviceLines(subject, options) },
    { name: 'Install', lines: [['WantedBy', 'multi-user.target']] as const },
  ];
  return { path: `${name}.service`, text: unitFile(header, sections) };
}

/** The file with what looks like a secret among its variables; it is the administrator's to fill. */
export function hiddenFile(name: string): string {
  return `/etc/lifeguard/${name}.env`;
}

function unitLines(subject: Subject): readonly UnitLine[] {
  const { name, run } = subject.backend;
  return [
    ['Description', plain(`${name}, a backend of ${run.cwd}`)],
    ['Wants', 'network-online.target'],
    ['After', ['network-online.target', ...localServices(subject)].join(' ')],
    ['RequiresMountsFor', [...new Set([run.cwd, dirname(subject.line[0] ?? '/')])].map(word).join(' ')],
    ...startLimit(subject),
  ];
}

function serviceLines(subject: Subject, { user, systemd }: SystemdOptions): readonly UnitLine[] {
  const { run, killTimeoutMs, policy } = subject.backend;
  return [
    ['Type', 'exec'],
    ['User', user],
    ['WorkingDirectory', plain(run.cwd)],
    ...environment(subject),
    ['ExecStart', subject.line.map(argument).join(' ')],
    '',
    ...restarts(subject, systemd),
    ['KillMode', 'mixed'],
    ['KillSignal', stopSignalOf(subject)],
    ['TimeoutStopSec', systemdTime(killTimeoutMs)],
    '',
    ...(policy.maxMemoryBytes === null ? [] : [['MemoryMax', policy.maxMemoryBytes] as const]),
    ['OOMPolicy', 'kill'],
    ['LimitNOFILE', OPEN_FILES],
    '',
    ...journaled(subject),
    '',
    ...hardeningOf(subject),
  ];
}

/** Values with a secret in them are no part of a file that everybody may read. */
function environment(subject: Subject): readonly UnitLine[] {
  const { env, line } = subject;
  const folder = dirname(line[0] ?? '/');
  const path = USUAL_PATH.includes(folder) || 'PATH' in env ? {} : { PATH: [folder, ...USUAL_PATH].join(':') };
  return [
    ...Object.entries({ ...path, ...env }).map(([name, value]) => ['Environment', word(`${name}=${value}`)] as const),
    ...environmentFiles(subject),
  ];
}

export function environmentFiles({ backend, hidden }: Subject): readonly UnitLine[] {
  return [
    ...(backend.run.envFile === null ? [] : [['EnvironmentFile', plain(backend.run.envFile)] as const]),
    ...(hidden.length > 0 ? [['EnvironmentFile', hiddenFile(backend.name)] as const] : []),
  ];
}

const LOCAL_SERVICES: Readonly<Record<string, string>> = {
  postgres: 'postgresql.service',
  postgresql: 'postgresql.service',
  redis: 'redis-server.service',
  mysql: 'mysql.service',
  mongodb: 'mongod.service',
  amqp: 'rabbitmq-server.service',
};

/** Dependencies on this machine are started first. One that is not there is no harm: `After` orders, it does not ask for anything. */
function localServices({ backend: { dependencies } }: Subject): readonly string[] {
  const names = dependencies.flatMap(({ check }) => {
    const [, scheme = '', host = ''] = /^([a-z]+)[^:]*:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]+)/i.exec(check) ?? [];
    const service = LOCAL_SERVICES[scheme];
    return service !== undefined && isLoopback(host) ? [service] : [];
  });
  return [...new Set(names)];
}
