import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { elapsed } from '../../../src/cli/telling/elapsed.ts';
import { painter, table } from '../../../src/cli/telling/output.ts';

test('time spans as people say them', () => {
  const spans = [0, 40, 400, 1_000, 59_999, 60_000, 250_000, 7_500_000, 86_400_000, 100_000_000, 20 * 86_400_000];
  assert.deepEqual(spans.map(elapsed), [
    '0 s',
    '0.1 s',
    '0.4 s',
    '1 s',
    '59 s',
    '1 min',
    '4 min 10 s',
    '2 h 5 min',
    '1 d',
    '1 d 3 h',
    '20 d',
  ]);
});

test('colours only on a terminal; NO_COLOR is kept, FORCE_COLOR too', () => {
  const coloured = (isTerminal: boolean, env: Record<string, string>) => painter(isTerminal, env)('red', 'x') !== 'x';
  assert.equal(coloured(true, {}), true);
  assert.equal(coloured(true, { NO_COLOR: '1' }), false);
  assert.equal(coloured(true, { NO_COLOR: '' }), true, 'an empty NO_COLOR is none');
  assert.equal(coloured(true, { TERM: 'dumb' }), false);
  assert.equal(coloured(false, {}), false);
  assert.equal(coloured(false, { FORCE_COLOR: '1' }), true);
  assert.equal(coloured(true, { FORCE_COLOR: '0' }), false);
});

test('a table is as wide as its cells; a column without content is left out; colours do not move it', () => {
  const rows = [
    [{ text: 'api' }, { text: 'healthy', style: 'green' as const }, { text: '' }],
    [{ text: 'a-long-one' }, { text: 'down' }, { text: '' }],
  ];
  const plain = ['            state', 'api         healthy', 'a-long-one  down'];
  assert.deepEqual(table(['', 'state', 'pid'], rows, painter(false, {})), plain);
  const coloured = table(['', 'state', 'pid'], rows, painter(true, {}));
  assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
  assert.notDeepEqual(coloured, plain);
});
