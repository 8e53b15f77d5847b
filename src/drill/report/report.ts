import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures, Skipped } from './figures.ts';
import { alertWords } from './told.ts';

/** What became of the faults that were asked for. */
export interface Outcome {
  readonly figures: readonly Figures[];
  readonly skipped: readonly Skipped[];
}

/** Writes `DATE.md` and `DATE.json` into the folder. @returns the path of the first */
export function writeReport(folder: string, { figures, skipped }: Outcome, last: readonly Figures[], now: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const stem = join(folder, new Date(now).toISOString().slice(0, 19).replaceAll(':', '-'));
  writeFileSync(`${stem}.json`, `${JSON.stringify({ figures, skipped }, null, 2)}\n`, { mode: 0o640 });
  writeFileSync(`${stem}.md`, reportText({ figures, skipped }, last, now), { mode: 0o640 });
  return `${stem}.md`;
}

/** The newest figures of each fault and backend among the drills of before. */
export function lastFigures(folder: string): Figures[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const all = files.sort().flatMap((name) => figuresIn(join(folder, name)));
  return all.filter((one, i) => !all.slice(i + 1).some((later) => later.fault === one.fault && later.backend === one.backend));
}

function figuresIn(file: string): Figures[] {
  try {
    const { figures } = JSON.parse(readFileSync(file, 'utf8')) as { figures?: Figures[] };
    return Array.isArray(figures) ? figures : [];
  } catch {
    return [];
  }
}

/** Pure. */
export function reportText({ figures, skipped }: Outcome, last: readonly Figures[], now: number): string {
  const rows = figures.map((one) => {
    const before = last.find(({ fault, backend }) => fault === one.fault && backend === one.backend);
    const then = before === undefined ? '' : `${seconds(before.healthyMs)} (${before.at.slice(0, 10)})`;
    return `| ${one.backend} | ${one.fault} | ${seconds(one.detectMs)} | ${lifted(one)} | ${seconds(one.actMs)} | ${seconds(one.healthyMs)} | ${then} | ${one.failed} of ${one.asked} | ${one.restarts} | ${alertWords(one.alert ?? null)} | ${one.asBefore ? 'yes' : 'NO'} |`;
  });
  return [
    `# Drill of ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    '',
    '| backend | fault | detected | taken away | restarted | healthy | the last time | requests failed | restarts | alert | as before |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...skipped.flatMap(({ fault, backend, why }) => [`Skipped: ${fault} of ${backend}: ${why}.`, '']),
    "Since the fault was brought about; taken away: by the drill itself. Requests are the drill's own, 20 a second, to what is asked for its liveness. No alert is due for what the first restart cures.",
    '',
  ].join('\n');
}

/** When the drill took the fault away; empty: it did not have to. */
export function lifted({ liftedMs = null }: Pick<Figures, 'liftedMs'>): string {
  return liftedMs === null ? '' : seconds(liftedMs);
}

/** `1.3 s`; `never` where it did not come to that. */
export function seconds(ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`;
}
