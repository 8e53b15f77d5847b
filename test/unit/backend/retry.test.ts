import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/backend/config.ts';
import { retryDelayMs, startupTries } from '../../../src/backend/database/retry.ts';

const delays = (count: number, wasUp: boolean) =>
  Array.from({ length: count }, (_, n) => retryDelayMs(n + 1, wasUp, readConfig({}).database));

test('by default: five tries, 2 4 8 16 s apart, then on and on; a lost connection is looked for sooner', () => {
  assert.equal(startupTries(readConfig({}).database), 5);
  assert.deepEqual(delays(6, false), [2_000, 4_000, 8_000, 16_000, 2_000, 2_000]);
  assert.deepEqual(delays(6, true), [250, 500, 1_000, 2_000, 2_000, 2_000]);
});
