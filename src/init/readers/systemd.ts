import { basename } from 'node:path';
import { formatSize } from '../../units/size.ts';
import type { Draft, DraftBackend } from '../draft.ts';
import { backendFrom } from '../from-command.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { withoutShell } from '../simple-command.ts';
import { type IniEntry, readIni } from './ini.ts';
import { systemdCommand, systemdWords, withoutSpecifiers } from './systemd-words.ts';

/** What lifeguard and PM2 do by themselves, what is about the machine's boot, or what is read below. */
const NO_NEWS = new RegExp(
  `^(${[
    'Description|Documentation|WantedBy|Alias|Type|Restart\\w*|StartLimit\\w+|Timeout\\w+|KillMode|KillSignal|SendSIGKILL|Standard\\w+|SyslogIdentifier',
    'ExecStart|WorkingDirectory|Environment|EnvironmentFile|MemoryMax|PIDFile|SuccessExitStatus',
  ].join('|')})$`,
);

/** Each unit of the project that keeps something running is a backend. null: there is none. */
export function readUnits(project: ProjectFolder): Draft | null {
  const notes: string[] = [];
  const backends: DraftBackend[] = [];
  const files = project.sources('.service').filter((file) => isOfAnApp(project.read(file) ?? ''));
  if (files.length === 0) return null;
  for (const file of files) backends.push(...backendOf(project, file, readIni(project.read(file) ?? ''), notes));
  const units = files.map((file) => basename(file)).join(' ');
  notes.push(`The unit stays as it is: systemctl disable --now ${units} before you start it here`);
  return { found: `a systemd unit: ${files.join(', ')}`, backends, notes, adopts: false };
}

/** PM2's own unit and that of this package start what is found elsewhere. */
function isOfAnApp(text: string): boolean {
  return (
    /^\s*ExecStart\s*=/m.test(text) &&
    !/^\s*ExecStart\s*=(.*[\s/])?(pm2|lifeguard|at-boot|unit-health|systemctl)(\.js)?(\s|$)/m.test(text)
  );
}

function backendOf(project: ProjectFolder, file: string, entries: readonly IniEntry[], notes: string[]): DraftBackend[] {
  const name = basename(file, '.service').replace(/@$/, '');
  const all = (key: string) => entries.filter((entry) => entry.key === key).map(({ value }) => value);
  const one = (key: string) => all(key).at(-1) ?? null;
  const left = entries.filter(({ key }) => !NO_NEWS.test(key));
  if (left.length > 0) notes.push(`${name}: not taken over: ${left.map(({ key, value }) => `${key}=${value}`).join(', ')}`);
  if (one('Type') === 'oneshot' || one('Type') === 'forking') {
    notes.push(`${name}: Type=${one('Type')}: only what stays in the foreground is kept running, so it is left out`);
    return [];
  }
  const env = Object.assign({}, ...all('Environment').map(variablesIn)) as Record<string, string>;
  const line = (one('ExecStart') ?? '').replace(/^[-@:+!|]+/, '');
  const [program, ...args] = systemdCommand(line, env) ?? [];
  const command = program === undefined ? null : withoutShell({ env: {}, program, args }, env);
  if (command === null) {
    notes.push(`${name}: its ExecStart needs more than a program and its arguments, so it is left out: ${line}`);
    return [];
  }
  const envFile = environmentFile(project, name, all('EnvironmentFile').map(pathIn), notes);
  const folder = one('WorkingDirectory');
  const maxMemory = sizeIn(one('MemoryMax') ?? '');
  const found = { name, command, folder: folder === null ? null : pathIn(folder), env, envFile, maxMemory };
  return [backendFrom(project, { ...found, port: null, liveness: null }, notes)];
}

/** One is read at the start; a file that is not there would be a mistake. */
function environmentFile(project: ProjectFolder, name: string, files: readonly string[], notes: string[]): string | null {
  const here = files.flatMap((file) => [file, basename(file)]).find((file) => project.has(file) || isThere(project, file));
  for (const file of files)
    if (here === undefined || (file !== here && basename(file) !== here))
      notes.push(`${name}: EnvironmentFile=${file} is not taken over: name it as run.env_file once it is there`);
  return here ?? null;
}

function isThere(project: ProjectFolder, file: string): boolean {
  return file.startsWith(`${project.path}/`) && project.has(file.slice(project.path.length + 1));
}

/** `A=x "B=y z"`. */
function variablesIn(text: string): Record<string, string> {
  const words = (systemdWords(text) ?? []).filter((word) => word.includes('='));
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
}

/** A dash before it: it need not be there. */
function pathIn(text: string): string {
  const path = text.replace(/^-/, '');
  return withoutSpecifiers(path) ?? path;
}

/** `500M`, or bytes; null: `infinity`, a part of the machine's. */
function sizeIn(text: string): string | null {
  return /^\d+$/.test(text) ? formatSize(Number(text)) : /^\d+[KMGT]$/.test(text) ? text : null;
}
