import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { interpolate, readPlainScalar } from '../../../src/config/reading/interpolate.ts';

const env = { HOST: 'db', EMPTY: '', PRICE: '$5 ${HOST}' };
const text = (input: string) => {
  const result = interpolate(input, env);
  return result.ok ? result.text : result.problems.map(({ kind, written, offset }) => `${kind} ${written} at ${offset}`);
};

test('variables, defaults, the escape', () => {
  assert.equal(text('tcp://${HOST}:${PORT:-5432}'), 'tcp://db:5432');
  assert.equal(text('${EMPTY}|${EMPTY:-x}|${NONE:-}'), '|x|');
  assert.equal(text('$${HOST} $HOST $ 5$'), '${HOST} $HOST $ 5$');
  assert.equal(text('${PRICE}'), '$5 ${HOST}', 'what is put in is not looked at again');
});

test('an unset variable is a problem at its place, and so is what is no variable', () => {
  assert.deepEqual(text('a ${NONE} ${HOST} ${NADA}'), ['unset ${NONE} at 2', 'unset ${NADA} at 18']);
  assert.deepEqual(text('x${1A}'), ['malformed ${1A} at 1']);
  assert.deepEqual(text('${HOST'), ['malformed ${HOST at 0']);
  assert.deepEqual(text('${HOST:?must}'), ['malformed ${HOST:?must} at 0']);
  assert.deepEqual(text('${toString}'), ['unset ${toString} at 0'], 'nothing comes from the prototype');
});

test('never throws; a text without ${ stays as it is; an escaped one comes back plain', () => {
  const any = fc.string({ unit: fc.constantFrom('$', '{', '}', ':', '-', 'A', '1', ' ', '\n') });
  fc.assert(fc.property(any, (input) => void interpolate(input, env)));
  fc.assert(fc.property(fc.string(), (input) => input.includes('${') || text(input) === input));
  const escaped = fc.array(fc.constantFrom('$${', 'a', '}', ' '));
  fc.assert(
    fc.property(escaped, (parts) =>
      assert.equal(text(parts.join('')), parts.map((part) => (part === '$${' ? '${' : part)).join('')),
    ),
  );
});

test('what YAML makes of a plain scalar', () => {
  assert.deepEqual(['5555', '-1.5', '1e3', 'true', 'null', '', '~', 'yes', '0x1F', '1.2.3'].map(readPlainScalar), [
    5555,
    -1.5,
    1000,
    true,
    null,
    null,
    null,
    'yes',
    '0x1F',
    '1.2.3',
  ]);
});
