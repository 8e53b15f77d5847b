// What is published: compiled JavaScript and the types that a user sees, found by ES modules and CommonJS alike.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packed } from '../support/package/packed.ts';
import { ROOT } from '../support/sandbox.ts';

const MOST_PACKED_BYTES = 550_000;
const PACKED = packed();

test('the package holds what is compiled, its types, and no source', () => {
  const unexpected = PACKED.files.filter(
    (path) =>
      !/^(dist\/(src|probes)\/.*\.js|dist\/src\/.*\.d\.ts|dist\/src\/dashboard\/browser\/\w+\.(html|css|svg)|cjs\/index\.(cjs|d\.cts)|bin\/[\w-]+\.(c?js|sh))$/.test(
        path,
      ) && !['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'backend.schema.json', 'alert.schema.json'].includes(path),
  );
  assert.deepEqual(unexpected, []);
  assert.deepEqual(
    PACKED.files.filter((path) => path.includes('backend/')),
    [],
    'the reference backend and what it needs are no part of it',
  );
  for (const path of ['dist/src/index.js', 'dist/src/index.d.ts', 'dist/src/cli/main.js', 'dist/probes/lifeguard.probe.js'])
    assert.ok(PACKED.files.includes(path), path);
  assert.ok(PACKED.packedBytes < MOST_PACKED_BYTES, `${PACKED.packedBytes} bytes`);
});

test('its only program is lifeguard, so that a global PM2 keeps its name', () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  assert.deepEqual(Object.keys(bin), ['lifeguard']);
});

for (const [tool, args] of [
  ['publint', ['--strict', PACKED.tarball]],
  ['attw', ['--format', 'ascii', '--no-color', PACKED.tarball]],
] as const)
  test(`${tool} has nothing against it`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules/.bin', tool), ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
  });

test('npm publish --dry-run warns of nothing', () => {
  const { status, stderr } = spawnSync('npm', ['publish', '--dry-run', '--ignore-scripts', PACKED.tarball], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const warnings = stderr.split('\n').filter((line) => /^npm (warn|error)/.test(line) && !line.includes('logged in'));
  assert.deepEqual(warnings, []);
});
