import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromTypescript, nodeAt, toPlain } from '../../../src/config/reading/located.ts';
import { overlay } from '../../../src/config/reading/overlay.ts';

const tree = (value: unknown, file = '/base.ts') => fromTypescript(value, { file, shown: file });
const merged = (base: unknown, over: unknown) => toPlain(overlay(tree(base), tree(over)));

test('backends match by name, objects merge, lists replace, an unknown name is new', () => {
  const base = {
    backends: [{ name: 'a', port: 1, restart: { on: ['crash'], within: '1m' } }, { name: 'b' }],
    alerts: [{ type: 'slack' }],
  };
  const over = { backends: [{ name: 'c' }, { name: 'a', restart: { on: ['hang'], max_restarts: 3 } }], alerts: [] };
  assert.deepEqual(merged(base, over), {
    backends: [{ name: 'a', port: 1, restart: { on: ['hang'], within: '1m', max_restarts: 3 } }, { name: 'b' }, { name: 'c' }],
    alerts: [],
  });
});

test('command and script stand for each other', () => {
  const script = { backends: [{ name: 'a', run: { script: 'a.js', args: ['x'], interpreter: 'node', cwd: 'w' } }] };
  assert.deepEqual(merged(script, { backends: [{ name: 'a', run: { command: 'a b' } }] }), {
    backends: [{ name: 'a', run: { cwd: 'w', command: 'a b' } }],
  });
  const command = { backends: [{ name: 'a', run: { command: 'a b' } }] };
  assert.deepEqual(merged(command, { backends: [{ name: 'a', run: { script: 'a.js' } }] }), {
    backends: [{ name: 'a', run: { script: 'a.js' } }],
  });
});

test('a second entry of the same name is not merged into the first', () => {
  const twice = {
    backends: [
      { name: 'a', port: 1 },
      { name: 'a', port: 2 },
    ],
  };
  assert.deepEqual(merged({ backends: [{ name: 'a' }] }, twice), twice);
});

test('values keep the file that they came from', () => {
  const root = overlay(
    tree({ backends: [{ name: 'a', port: 1, pmx: true }] }),
    tree({ backends: [{ name: 'a', port: 2 }] }, '/over.yaml'),
  );
  assert.equal(nodeAt(root, ['backends', 0, 'port'])?.origin.source.file, '/over.yaml');
  assert.equal(nodeAt(root, ['backends', 0, 'pmx'])?.origin.source.file, '/base.ts');
});

const section = fc.record(
  { scalar: fc.integer(), list: fc.array(fc.integer()), map: fc.dictionary(fc.constantFrom('p', 'q'), fc.integer()) },
  { requiredKeys: [] },
);
const config = fc.record({
  backends: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), port: fc.nat(), health: section }), {
    selector: ({ name }) => name,
  }),
  dashboard: section,
});

test('laws: nothing laid over changes nothing; twice is once; one after the other is both together', () => {
  fc.assert(fc.property(config, (base) => assert.deepEqual(merged(base, {}), merged(base, base))));
  fc.assert(fc.property(config, config, (base, over) => assert.deepEqual(merged(merged(base, over), over), merged(base, over))));
  fc.assert(fc.property(config, config, config, (a, b, c) => assert.deepEqual(merged(merged(a, b), c), merged(a, merged(b, c)))));
});
