import { argument, word } from '../export/systemd/quote.ts';
import { systemdTime, type UnitLine, unitFile } from '../export/systemd/unit-file.ts';

/** First line of every unit file of ours, and how they are known again. */
export const HEADER = 'Written by lifeguard boot install; lifeguard boot remove takes it away.';

export interface BootFacts {
  /** Who PM2 runs as. */
  readonly user: string;
  readonly pm2Home: string;
  /** The Node that this was installed with. It may be gone one day: another one is looked for then. */
  readonly node: string;
  /** The ecosystem file that asks, by its logical path. */
  readonly file: string;
  /** This package's folder, by the path that stays the same from release to release. */
  readonly packageFolder: string;
  /** Folders that have to be mounted: the projects', PM2's own, the program's. */
  readonly needs: readonly string[];
  /** How long PM2 may take to start them all. */
  readonly startMs: number;
  /** How long all apps together may take to stop, one after the other. */
  readonly stopMs: number;
}

/** What the unit of a user's PM2 is called, as `pm2 startup` calls it too. */
export function unitNameOf(user: string): string {
  return `pm2-${user}.service`;
}

/** What it is called in a user's own systemd: `pm2.service` is what people call theirs. */
export const USER_UNIT = 'pm2-lifeguard.service';

/** Of the machine's systemd; a drop-in over the one of `pm2 startup` there; of the user's own. */
export type UnitKind = 'system' | 'drop-in' | 'user';

/**
 * The unit that starts PM2 with what it has saved; `drop-in`: what makes the same of the unit that `pm2 startup` writes.
 * PM2 ends its apps one by one on SIGTERM, so there is no ExecStop: one of `pm2 kill` would end the daemon that `pm2 update` has just started.
 */
export function bootUnit(facts: BootFacts, kind: UnitKind): string {
  const unit: UnitLine[] = [
    ...(kind === 'drop-in' ? [] : [['Description', `PM2 of ${facts.user}, and what it runs`] as const]),
    ...(kind === 'user' ? [] : ofTheMachine(facts)),
    { comment: 'Tried for ever: a cause that goes away late is no reason to stay down.' },
    ['StartLimitIntervalSec', 0],
  ];
  const sections = [
    { name: 'Unit', lines: unit },
    { name: 'Service', lines: serviceLines(facts, kind) },
    ...(kind === 'drop-in' ? [] : [{ name: 'Install', lines: [wantedBy(kind)] }]),
  ];
  return unitFile([HEADER], sections);
}

/** A user's systemd knows neither: it starts when the machine is up. */
function ofTheMachine({ needs }: BootFacts): UnitLine[] {
  return [
    ['Wants', 'network-online.target'],
    ['After', 'network-online.target'],
    ['RequiresMountsFor', needs.map(word).join(' ')],
  ];
}

function wantedBy(kind: UnitKind): UnitLine {
  return ['WantedBy', kind === 'user' ? 'default.target' : 'multi-user.target'];
}

function serviceLines(facts: BootFacts, kind: UnitKind): UnitLine[] {
  const { user, pm2Home, node, packageFolder, startMs, stopMs } = facts;
  const cleared = (key: string): UnitLine[] => (kind === 'drop-in' ? [[key, '']] : []);
  const program = ['/bin/sh', `${packageFolder}/bin/node-at-boot.sh`, node, `${packageFolder}/bin/at-boot.js`];
  return [
    ['Type', 'forking'],
    ...(kind === 'user' ? [TAKES_OVER] : [['User', user] as const]),
    ['PIDFile', `${pm2Home}/pm2.pid`],
    ...cleared('Environment'),
    ['Environment', word(`PM2_HOME=${pm2Home}`)],
    ['Environment', word(`PATH=${pathWith(node)}`)],
    ...cleared('ExecStart'),
    ['ExecStart', program.map(argument).join(' ')],
    ...cleared('ExecReload'),
    ...cleared('ExecStop'),
    ['KillMode', 'mixed'],
    ['TimeoutStopSec', systemdTime(stopMs)],
    ['TimeoutStartSec', systemdTime(startMs)],
    ['Restart', 'on-failure'],
    ['RestartSec', systemdTime(1_000)],
    { comment: "An app that the kernel's OOM killer takes is PM2's and lifeguard's to start again: the others go on." },
    ['OOMPolicy', 'continue'],
    ...(kind === 'user' ? [] : LIMITS),
  ];
}

/** A user's systemd takes a running process over for a unit of this kind alone. */
const TAKES_OVER: UnitLine = ['Delegate', 'yes'];

/** For root to give. */
const LIMITS: readonly UnitLine[] = [
  ['LimitNOFILE', 'infinity'],
  ['LimitNPROC', 'infinity'],
];

/** As PM2 has it in its own unit: the folder of Node, and the system's. */
export function pathWith(node: string): string {
  const folder = node.slice(0, node.lastIndexOf('/'));
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...new Set([folder, ...system])].join(':');
}
