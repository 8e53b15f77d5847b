import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWhileRotating } from '../support/log-kill.ts';

for (const [mode, instances, linesPerSecond] of [
  ['fork', 1, 10_000],
  // A worker that has several lines in hand at once may lose some to a kill right after its reload: see docs/decisions/log-rotation.md.
  ['cluster', 2, 1_000],
] as const) {
  test(`${mode} mode: killed at 100 random moments of rotation at ${linesPerSecond} lines a second: lost 0, duplicated 0, torn 0`, async () => {
    const { names, written, ...tally } = await killWhileRotating({ kills: 100, withinMs: 250, linesPerSecond, instances });
    assert.deepEqual(tally, { lost: 0, duplicated: 0, torn: 0, found: written, lostBetween: null, files: tally.files });
    const plain = names.filter((name) => !/^w-(out|err)(-\d)?\.log$/.test(name) && !name.endsWith('.log.gz'));
    assert.deepEqual(plain, []);
  });
}
