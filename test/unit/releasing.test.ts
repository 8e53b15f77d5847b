import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { release, releasedChangelog } from '../../scripts/releasing.ts';
import { ROOT } from '../support/sandbox.ts';

const TEXT = '# Changelog\n\n## Unreleased\n\n### Added\n- A thing.\n\n## [0.1.0] - 2026-01-02\n\n### Added\n- The first.\n';

test('what is unreleased gets the number and the day; what comes next has its place above', () => {
  assert.equal(
    releasedChangelog(TEXT, '0.2.0', '2026-11-27'),
    TEXT.replace('## Unreleased\n', '## Unreleased\n\n## [0.2.0] - 2026-11-27\n'),
  );
});

for (const [version, text, says] of [
  ['v2', TEXT, /no version/],
  ['0.1.0', TEXT, /not above 0\.1\.0/],
  ['0.0.9', TEXT, /not above 0\.1\.0/],
  ['0.2.0', TEXT.replace('- A thing.\n', ''), /nothing under Unreleased/],
  ['0.2.0', '# Changelog\n', /no section Unreleased/],
] as const) {
  test(`no release: ${says.source}, ${version}`, () => {
    assert.throws(() => releasedChangelog(text, version, '2026-11-27'), says);
  });
}

test('a release of this package: package.json, its lock and the changelog name it; after a mistake none of them has changed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-release-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = ['package.json', 'package-lock.json', 'CHANGELOG.md'];
  for (const file of files) copyFileSync(join(ROOT, file), join(folder, file));
  const read = () => files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const before = read();
  assert.throws(() => release(folder, 'v1', '2026-11-27'), /no version/);
  assert.deepEqual(read(), before);
  release(folder, '99.0.0', '2026-11-27');
  const [manifest = '', lock = '', changelog = ''] = read();
  assert.equal((JSON.parse(manifest) as { version: string }).version, '99.0.0');
  assert.equal((JSON.parse(lock) as { packages: Record<string, { version: string }> }).packages['']?.version, '99.0.0');
  assert.match(changelog, /^## Unreleased\n\n## \[99\.0\.0\] - 2026-11-27$/m);
});
