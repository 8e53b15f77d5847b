import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { edited } from '../../simulation/mutants/hunt.ts';
import { MUTANTS } from '../../simulation/mutants/mutants.ts';

for (const { name, edits } of MUTANTS) {
  test(`can be put into the code as it is now: ${name}`, () => {
    for (const { file, from, to } of edits) {
      const text = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
      assert.notEqual(edited(text, { from, to }), text);
    }
  });
}
