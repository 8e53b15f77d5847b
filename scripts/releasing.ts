import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NUMBER = /^\d+\.\d+\.\d+$/;
const UNRELEASED = '## Unreleased\n';
const RELEASED = /^## \[(\d+\.\d+\.\d+)\]/m;

/**
 * The changelog with what is unreleased under a number and its day, and an empty Unreleased above it.
 * @param day `2026-11-27`. @throws Error where the number is none, not above the last one, or nothing is unreleased
 */
export function releasedChangelog(text: string, version: string, day: string): string {
  if (!NUMBER.test(version)) throw new Error(`${version} is no version: it is like 1.2.3`);
  const [before, after] = text.split(UNRELEASED);
  if (before === undefined || after === undefined) throw new Error('CHANGELOG.md has no section Unreleased');
  const last = RELEASED.exec(after);
  if (last?.[1] !== undefined && compare(version, last[1]) <= 0) throw new Error(`${version} is not above ${last[1]}`);
  const news = after.slice(0, last?.index ?? after.length);
  if (!/^- /m.test(news)) throw new Error('CHANGELOG.md has nothing under Unreleased');
  return `${before}${UNRELEASED}\n## [${version}] - ${day}\n${after}`;
}

/** Writes the number into package.json and its lock, and the changelog. It commits nothing, tags nothing, publishes nothing. */
export function release(folder: string, version: string, day: string): void {
  const file = join(folder, 'CHANGELOG.md');
  const changelog = releasedChangelog(readFileSync(file, 'utf8'), version, day);
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts'], {
    cwd: folder,
    stdio: 'pipe',
  });
  writeFileSync(file, changelog);
}

function compare(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number));
  const at = [0, 1, 2].find((i) => left?.[i] !== right?.[i]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
