import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { installLine } from '../../../boot/findings.ts';
import { type JobKind, jobPath, launchdJob } from '../../../boot/launchd-job.ts';
import { HEADER } from '../../../boot/unit.ts';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import { replaceFile } from '../../../host/replace-file.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-status.ts';
import { type BootOptions, type Here, lookHere, savedText, saveOurs, staleList, tellFindings, userMeant } from './here.ts';

/** On macOS root writes a job of the machine, anybody else one of his own. launchd reads it at the next boot or login. */
const kindHere = (): JobKind => (userInfo().uid === 0 ? 'daemon' : 'agent');

export async function installJob(context: Context, options: BootOptions): Promise<void> {
  const here = await lookHere(context, options);
  const isOwn = here.facts.user === userInfo().username;
  const saved = isOwn ? await saveOurs(here) : [];
  const path = jobPath(kindHere(), here.facts, homedir());
  if (existsSync(path) && !isOurs(path)) throw new LifeguardError('not-ours', `${path} is there, and not lifeguard's`);
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, launchdJob(here.facts, kindHere()), { mode: 0o644, flush: true });
  if (options.json) context.print(JSON.stringify({ ok: true, saved, path }, null, 2));
  else context.print([...(saved.length > 0 ? [savedText(saved)] : []), `${path} is written. ${whenRead(here)}`].join('\n'));
  context.finish(EXIT.well);
}

function whenRead({ facts }: Here): string {
  if (kindHere() === 'daemon') return 'launchd reads it at the next boot. It starts PM2, and does not look after it afterwards.';
  return `launchd reads it at your next login. It starts PM2, and does not look after it afterwards.\nTo have it start with the machine, with nobody logged in, root has to run:\n\n  ${installLine(facts)}\n`;
}

export async function jobStatus(context: Context, options: BootOptions): Promise<void> {
  const here = await lookHere(context, options);
  const paths = (['daemon', 'agent'] as const).map((kind) => ({ kind, path: jobPath(kind, here.facts, homedir()) }));
  const found = paths.find(({ path }) => existsSync(path));
  const mend = 'npx lifeguard boot install';
  const ofJob = () => {
    if (found === undefined)
      return [{ code: 'no-unit', text: 'there is no job of launchd: nothing starts with the machine', mend }];
    const isRight = readFileSync(found.path, 'utf8') === launchdJob(here.facts, found.kind);
    return isRight ? [] : [{ code: 'stale-unit', text: `${found.path} is not what would be written now`, mend }];
  };
  const findings = [...ofJob(), ...(await staleList(here))];
  tellFindings(context, options, findings, `launchd starts PM2 (${found?.path}).`);
}

export function removeJob(context: Context, options: BootOptions): void {
  const path = jobPath(kindHere(), { user: userMeant(options) }, homedir());
  const removed = existsSync(path) && isOurs(path);
  if (removed) rmSync(path);
  if (options.json) context.print(JSON.stringify({ path, removed }, null, 2));
  else context.print(removed ? `${path} is gone. What runs goes on.` : `There is nothing of lifeguard's at ${path}.`);
  context.finish(EXIT.well);
}

function isOurs(path: string): boolean {
  return readFileSync(path, 'utf8').includes(HEADER);
}
