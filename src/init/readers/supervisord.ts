import type { Draft, DraftBackend } from '../draft.ts';
import { backendFrom } from '../from-command.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { parseWithoutShell } from '../simple-command.ts';
import { readIni } from './ini.ts';

const FILES = ['supervisord.conf', 'supervisor.conf', 'etc/supervisord.conf', 'deploy/supervisord.conf'];
const TAKEN = new Set(['command', 'directory', 'environment']);
/** What lifeguard and PM2 do by themselves, so that nobody misses it. */
const OURS =
  /^(autorestart|startsecs|startretries|exitcodes|stopwaitsecs|stopasgroup|killasgroup|redirect_stderr|process_name|(stdout|stderr)_.*)$/;
const SAID: Readonly<Record<string, (value: string) => boolean>> = {
  autostart: (value) => value === 'true',
  numprocs: (value) => value === '1',
};

/** Each `[program:NAME]` is a backend. null: there is no such file. */
export function readSupervisord(project: ProjectFolder): Draft | null {
  const file = FILES.find((name) => project.has(name));
  const text = file === undefined ? null : project.read(file);
  if (file === undefined || text === null) return null;
  const entries = readIni(text.replace(/\s+;.*$/gm, ''));
  const notes: string[] = [];
  const programs = [...new Set(entries.flatMap(({ section }) => /^program:(.+)$/.exec(section)?.[1] ?? []))];
  for (const section of new Set(entries.map((entry) => entry.section)))
    if (/^(include|group:|eventlistener:|fcgi-program:)/.test(section)) notes.push(`[${section}] is not taken over`);
  const backends = programs.flatMap((name) => {
    const own = entries.filter(({ section }) => section === `program:${name}`);
    return backendOf(project, name, new Map(own.map(({ key, value }) => [key, value])), notes);
  });
  notes.push(`${file} stays as it is: stop its programs (supervisorctl stop all) before you start them here`);
  return { found: `${file}: ${programs.join(', ')}`, backends, notes, adopts: false };
}

function backendOf(
  project: ProjectFolder,
  name: string,
  keys: ReadonlyMap<string, string>,
  notes: string[],
): readonly DraftBackend[] {
  const left = [...keys].filter(([key, value]) => !TAKEN.has(key) && !OURS.test(key) && SAID[key]?.(value) !== true);
  if (left.length > 0) notes.push(`${name}: not taken over: ${left.map(([key, value]) => `${key}=${value}`).join(', ')}`);
  const filled = (text: string) =>
    text.replace(/%\((here|program_name)\)s/g, (_, what: string) => (what === 'here' ? project.path : name));
  const line = filled(keys.get('command') ?? '');
  const command = line.includes('%(') ? null : parseWithoutShell(line);
  if (command === null) {
    notes.push(`${name}: its command needs more than a program and its arguments, so it is left out: ${line}`);
    return [];
  }
  const found = { name, command, folder: keys.has('directory') ? filled(keys.get('directory') ?? '') : null };
  const env = variablesIn(filled(keys.get('environment') ?? ''));
  return [backendFrom(project, { ...found, env, envFile: null, port: null, liveness: null, maxMemory: null }, notes)];
}

/** `A="x",B=y`, with commas inside quotes. */
function variablesIn(text: string): Record<string, string> {
  const found = [...text.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,]*))\s*(?:,|$)/g)];
  return Object.fromEntries(found.map(([, name = '', double, single, bare]) => [name, (double ?? single ?? bare ?? '').trim()]));
}
