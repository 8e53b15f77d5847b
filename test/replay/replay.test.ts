import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { replay } from '../../src/policy/replay.ts';

const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.jsonl'));
const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

for (const file of files) {
  test(`${file}: decided again, event for event, as it was`, () => {
    assert.equal(replay(read(file)), null);
  });
}

test('a decision that is another one now is found, with its line', () => {
  const lines = read('crash-loop.jsonl').split('\n');
  const changed = lines.findIndex((line) => line.includes('"kind":"stop"'));
  lines[changed] = (lines[changed] ?? '').replace('"kind":"stop"', '"kind":"start"');
  const difference = replay(lines.join('\n'));
  assert.equal(difference?.line, changed + 1);
  assert.notDeepEqual(difference?.recorded, difference?.replayed);
});

test('what is no recording is refused', () => {
  assert.throws(() => replay('{"recording":1}'), SyntaxError);
  assert.throws(() => replay(''), SyntaxError);
});
