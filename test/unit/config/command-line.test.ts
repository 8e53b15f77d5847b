import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitCommand } from '../../../src/config/command-line.ts';

const words = (line: string) => {
  const split = splitCommand(line);
  return split.ok ? [split.value.program, ...split.value.args] : null;
};

test('words as a shell makes them', () => {
  assert.deepEqual(words('venv/bin/uvicorn main:app --host 0.0.0.0'), ['venv/bin/uvicorn', 'main:app', '--host', '0.0.0.0']);
  assert.deepEqual(words(`  a  'b c'"d 'e'" f\\ g "" `), ['a', "b cd 'e'", 'f g', '']);
  assert.deepEqual(words(`a "x && y | z > w; \`v\` $(u)" '\\n' "\\"q\\""`), ['a', 'x && y | z > w; `v` $(u)', '\\n', '"q"']);
  assert.deepEqual(words('a $HOME ~ *.js'), ['a', '$HOME', '~', '*.js']);
});

test('what only a shell could do is refused', () => {
  for (const line of [
    'a && b',
    'a|b',
    'a || b',
    'a; b',
    'a &',
    'a > b',
    'a 2>&1',
    'a < b',
    'a `b`',
    'a $(b)',
    'a "b',
    "a 'b",
    '',
    '   ',
    "''",
  ]) {
    assert.equal(words(line), null, line);
  }
});

test('quoted words come back as they were', () => {
  const quote = (word: string) => `'${word.replaceAll("'", `'"'"'`)}'`;
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), ([program = '', ...args]) => {
      fc.pre(program !== '');
      assert.deepEqual(words([program, ...args].map(quote).join(' ')), [program, ...args]);
    }),
  );
});
