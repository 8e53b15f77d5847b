import { join } from 'node:path';
import { type ExportInput, notesOnAlerts } from '../input.ts';
import type { ExportFile, ExportPlan } from '../plan.ts';
import { notesOnArguments } from '../secrets.ts';
import type { Subject } from '../subject.ts';
import { typed } from '../typed.ts';
import { askedUnits, healthUnit } from './health.ts';
import { journalFile } from './journal.ts';
import { hiddenFile, type SystemdOptions, unitOf } from './unit.ts';
import { healthUnitOf, isWatched } from './watched.ts';

/** A unit and a journal of its own for each backend. */
export function planSystemd(input: ExportInput, options: SystemdOptions): ExportPlan {
  const { subjects, target, watcher } = input;
  const units = subjects.map((subject) => unitOf(subject, options));
  const journals = subjects.map(journalFile);
  const watched = subjects.filter(isWatched);
  const watching =
    watched.length === 0 ? [] : [...watched.map((subject) => healthUnit(subject, options, watcher)), ...askedUnits()];
  const names = subjects.flatMap((subject) =>
    isWatched(subject) ? [subject.backend.name, healthUnitOf(subject.backend.name)] : [subject.backend.name],
  );
  return {
    files: [...units, ...watching, ...journals, ...subjects.flatMap(hiddenExample)],
    notes: [
      ...(options.user === 'root' ? ['the backends run as root; --user NAME lets them run as somebody who may do less'] : []),
      ...subjects.flatMap(notesOn),
      ...subjects.flatMap(({ backend, line }) => notesOnArguments(backend.name, line)),
      ...notesOnAlerts(input),
    ],
    next: [
      typed('sudo', 'cp', ...[...units, ...watching].map(({ path }) => join(target, path)), '/etc/systemd/system/'),
      typed('sudo', 'cp', ...journals.map(({ path }) => join(target, path)), '/etc/systemd/'),
      ...subjects.flatMap((subject) => fillHidden(subject, target)),
      typed('sudo', 'systemctl', 'daemon-reload'),
      typed('sudo', 'systemctl', 'enable', '--now', ...names),
    ],
  };
}

function notesOn({ backend: { name, run }, line, hidden }: Subject): string[] {
  const [program = ''] = line;
  const notes: string[] = [];
  if (!program.startsWith('/')) notes.push(`${program} was not found on this machine: the unit names it without a folder`);
  if (/\/\.(nvm|fnm|volta|asdf)\//.test(program))
    notes.push(`${program} is gone with the next upgrade of Node: a Node in /usr/bin stays where it is`);
  if (hidden.length > 0)
    notes.push(`left out of the unit, as they may hold secrets: ${hidden.join(', ')}. Give them in ${hiddenFile(name)}`);
  if (run.envFile !== null)
    notes.push(`systemd reads ${run.envFile} by its own rules: no export in front of a name, no comment behind a value`);
  return notes.map((note) => `${name}: ${note}`);
}

function hiddenExample({ backend: { name }, hidden }: Subject): ExportFile[] {
  if (hidden.length === 0) return [];
  const lines = [
    `# ${hiddenFile(name)}, mode 0600: what looks like a secret among the variables of ${name}.`,
    ...hidden.map((each) => `# ${each}=`),
  ];
  return [{ path: hiddenExamplePath(name), text: `${lines.join('\n')}\n`, aside: true }];
}

function hiddenExamplePath(name: string): string {
  return `${name}.env.example`;
}

function fillHidden({ backend: { name }, hidden }: Subject, target: string): string[] {
  if (hidden.length === 0) return [];
  return [
    typed('sudo', 'install', '-D', '-m', '600', join(target, hiddenExamplePath(name)), hiddenFile(name)),
    typed('sudo', 'editor', hiddenFile(name)),
  ];
}
