import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patienceMs } from '../../../src/cli/looking/settle.ts';
import type { Situation } from '../../../src/cli/looking/situation.ts';

function situation(ailment: string | null, uptimeMs: number, watches = false): Situation {
  const backend = { name: 'api', state: 'degraded', ailment };
  const database = { name: watches ? 'lifeguard' : 'database', watches, status: 'online', pid: 7, uptimeMs, errorFile: null };
  return { daemon: true, watched: true, backends: [backend], companions: [database] } as unknown as Situation;
}

test('a backend whose database makes its files for the first time is waited for, however slow the disk is', () => {
  assert.equal(patienceMs(situation(null, 16_000), 'api'), 60_000);
  assert.equal(patienceMs(situation(null, 61_000), 'api'), 6_000, 'a database that has been up for a minute has had its time');
  assert.equal(patienceMs(situation('its check is redirected', 16_000), 'api'), 3_000, 'nor is it the database then');
  assert.equal(
    patienceMs(situation(null, 2_000, true), 'api'),
    6_000,
    'what has a database of its own does not wait for lifeguard',
  );
});
