import { dirname } from 'node:path';
import { headerOf } from '../comment.ts';
import type { Watcher } from '../input.ts';
import type { ExportFile } from '../plan.ts';
import type { Subject } from '../subject.ts';
import { HARDENED_BASE, hardeningOf } from './hardening.ts';
import { argument, plain, word } from './quote.ts';
import { environmentFiles, type SystemdOptions } from './unit.ts';
import { type UnitLine, unitFile } from './unit-file.ts';
import { healthUnitOf } from './watched.ts';

/** Below /run and /var/lib: where a watcher asks for what is to be done, and where its state is. */
const FOLDER = 'lifeguard-health';

/** The unit that watches a backend; it runs as the backend's user, and may do no more than ask. */
export function healthUnit(subject: Subject, { user }: SystemdOptions, watcher: Watcher): ExportFile {
  const { name, run } = subject.backend;
  const asks = ASKED.map((what) => `lifeguard-${what}@${name}.path`).join(' ');
  const unit: UnitLine[] = [
    ['Description', plain(`Asks ${name} for its health, and has it restarted`)],
    ['Wants', asks],
    ['After', `${asks} ${name}.service`],
    ['RequiresMountsFor', [...new Set([run.cwd, dirname(watcher.file), dirname(watcher.program)])].map(word).join(' ')],
    ['StartLimitIntervalSec', 0],
  ];
  const service: UnitLine[] = [
    ['Type', 'exec'],
    ['User', user],
    ['WorkingDirectory', plain(dirname(watcher.file))],
    ...environmentFiles(subject),
    ['ExecStart', [watcher.node, watcher.program, watcher.file, name].map(argument).join(' ')],
    ['Restart', 'always'],
    ['RestartSec', '1s'],
    ['RuntimeDirectory', `${FOLDER}/${name}`],
    ['RuntimeDirectoryPreserve', 'yes'],
    ['StateDirectory', `${FOLDER}/${name}`],
    ['StateDirectoryMode', '0700'],
    '',
    ...hardeningOf(subject),
  ];
  const install: UnitLine[] = [['WantedBy', 'multi-user.target']];
  const sections = [
    { name: 'Unit', lines: unit },
    { name: 'Service', lines: service },
    { name: 'Install', lines: install },
  ];
  const header = headerOf(`The health of ${name}, by \`lifeguard export systemd\`.`, []);
  return { path: healthUnitOf(name), text: unitFile(header, sections) };
}

/** What a watcher may ask for: a file of that name is written, and systemd does it. Nothing of what it holds is read. */
const ASKED = ['restart', 'stop'] as const;

/** The same for all backends: the only units that run as root, and each does one thing to one unit. */
export function askedUnits(): ExportFile[] {
  return ASKED.flatMap((what) => [pathOf(what), serviceOf(what)]);
}

function pathOf(what: (typeof ASKED)[number]): ExportFile {
  const lines = {
    unit: [
      ['Description', `Waits until %i-health asks for a ${what} of %i`],
      ['StartLimitIntervalSec', 0],
    ] as const,
    path: [['PathModified', `/run/${FOLDER}/%i/${what}`]] as const,
  };
  const sections = [
    { name: 'Unit', lines: lines.unit },
    { name: 'Path', lines: lines.path },
  ];
  return { path: `lifeguard-${what}@.path`, text: unitFile([HEADER], sections) };
}

function serviceOf(what: (typeof ASKED)[number]): ExportFile {
  const service: UnitLine[] = [
    ['Type', 'oneshot'],
    // The limit of starts is for the time when nobody watches: here how often is the watcher's to decide.
    ...(what === 'restart' ? [['ExecStartPre', '-/usr/bin/systemctl reset-failed %i.service'] as const] : []),
    ['ExecStart', `/usr/bin/systemctl ${what} %i.service`],
    '',
    ...HARDENED_BASE,
    ['PrivateNetwork', 'yes'],
  ];
  const sections = [
    {
      name: 'Unit',
      lines: [
        ['Description', `A ${what} of %i, for which %i-health has asked`],
        ['StartLimitIntervalSec', 0],
      ] as const,
    },
    { name: 'Service', lines: service },
  ];
  return { path: `lifeguard-${what}@.service`, text: unitFile([HEADER], sections) };
}

const HEADER = 'By `lifeguard export systemd`: the same for all backends.';
