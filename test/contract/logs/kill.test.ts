import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWhileRotating } from '../../support/log-kill.ts';

test('killed at ten random moments of rotation: nothing is lost or doubled, and the next start finishes the job', async () => {
  const { names, written, ...tally } = await killWhileRotating({ kills: 10, withinMs: 300, linesPerSecond: 2_000 });
  assert.deepEqual(tally, { lost: 0, duplicated: 0, torn: 0, found: written, lostBetween: null, files: tally.files });
  assert.ok(tally.files > 5, `${tally.files} files`);
  // Live files and whole archives: no plain rotated file, nothing half-done.
  assert.ok(
    names.every((name) => /^w-(out|err)\.log$/.test(name) || name.endsWith('.log.gz')),
    names.join('\n'),
  );
});
