import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportPlan } from '../../../src/export/plan.ts';

/** What `systemd-analyze security` may say at most, times ten. */
const MOST_EXPOSED = 30;

/** What systemd itself has against the units of a plan: `verify` has nothing to say, and `security` no more than 3.0. */
export function mistakesInUnits({ files }: ExportPlan): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-units-'));
  try {
    const units = files.filter(({ path }) => path.endsWith('.service'));
    for (const { path, text } of units) writeFileSync(join(folder, path), text);
    return units.flatMap(({ path }) => [...verified(join(folder, path)), ...exposed(join(folder, path))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verified(unit: string): string[] {
  const { stdout, stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  if (error) throw error;
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
}

/** The exposure that systemd sees in a unit, times ten. */
export function exposureOf(unit: string): number {
  const { stdout, error } = analyzed(unit);
  if (error) throw error;
  const [, level] = /exposure level for .*: ([\d.]+)/.exec(stdout) ?? [];
  if (level === undefined) throw new Error(`systemd-analyze security said nothing of ${unit}: ${stdout}`);
  return Math.round(Number(level) * 10);
}

function exposed(unit: string): string[] {
  const level = exposureOf(unit);
  return level > MOST_EXPOSED ? [`${unit}: exposed at ${level / 10}`] : [];
}

function analyzed(unit: string) {
  return spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit], { encoding: 'utf8' });
}
