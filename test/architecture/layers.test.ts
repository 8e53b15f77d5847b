import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder may import from its own rank's neighbours and from every rank before, never from a later one. */
const RANKS = [
  ['src/units', 'src/errors', 'src/host', 'src/backend'],
  ['src/clock', 'src/policy', 'src/pm2'],
  ['src/config', 'src/health', 'src/logs', 'src/incidents', 'src/systemd'],
  ['src/ecosystem', 'src/lifeguard', 'src/alerts'],
  ['src/export', 'src/dashboard', 'src/doctor', 'src/init', 'src/boot', 'src/drill'],
  ['src/index.ts', 'src/cli', 'probes'],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const imports = ['src', 'probes'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => importsOf(join(folder, file))),
);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)(\s+type)?\s[^;]*?from '(\.[^']+)'/gm)].map(([, type, target]) => ({
    from: file,
    to: relative(ROOT, resolve(ROOT, dirname(file), target ?? '')),
    typeOnly: type !== undefined,
  }));
}

function folderOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'probes' ? 'probes' : join(top, second);
}

function rankOf(folder: string): number {
  return RANKS.findIndex((rank) => rank.includes(folder));
}

test('the imports are found', () => {
  assert.ok(imports.length > 300, `only ${imports.length}`);
});

test('every folder has its rank', () => {
  const folders = new Set(imports.flatMap(({ from, to }) => [folderOf(from), folderOf(to)]));
  assert.deepEqual(
    [...folders].filter((folder) => rankOf(folder) < 0),
    [],
  );
});

test('imports go in one direction; only the types of the resolved configuration are known everywhere', () => {
  const upward = imports.filter(
    ({ from, to, typeOnly }) => rankOf(folderOf(to)) > rankOf(folderOf(from)) && !(typeOnly && to === 'src/config/resolved.ts'),
  );
  assert.deepEqual(
    upward.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('there is no circle between files', () => {
  const next = byFile();
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const { from } of imports) visit(from, []);
});

test('the policy is pure: it imports nothing but itself and the units, and knows no clock and no chance', () => {
  for (const { from, to } of imports.filter(({ from }) => from.startsWith('src/policy/')))
    assert.match(to, /^src\/(policy|units)\//, `${from} imports ${to}`);
  const files = readdirSync(join(ROOT, 'src/policy'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const file of files) {
    const text = readFileSync(join(ROOT, 'src/policy', file), 'utf8');
    assert.doesNotMatch(
      text,
      /Date\.now|new Date|performance\.|Math\.random|setTimeout|\bprocess\.[a-z]+\(|process\.env|from 'node:/,
      file,
    );
  }
});

test('the reference backend imports nothing of ours', () => {
  for (const { from, to } of imports.filter(({ from }) => from.startsWith('src/backend/')))
    assert.match(to, /^src\/backend\//, from);
});

function byFile(): Map<string, Import[]> {
  const groups = new Map<string, Import[]>();
  for (const each of imports.filter(({ typeOnly }) => !typeOnly)) groups.set(each.from, [...(groups.get(each.from) ?? []), each]);
  return groups;
}
