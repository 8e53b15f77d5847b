import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { declareLifeguard } from '../../../src/ecosystem/companions.ts';
import type { Machine } from '../../../src/ecosystem/machine.ts';

const machine: Machine = { node: 'node', stripsTypes: true, pm2Home: '/home/me/.pm2', locate: (program) => program };

/** What lifeguard is started with where it watches so many backends. */
function flagsFor(count: number): readonly string[] {
  const backends = Array.from({ length: count }, (_, i) => ({
    name: `b${i}`,
    run: { command: '/bin/sleep 1' },
    health: { liveness: null },
  }));
  const config = loadConfig({ file: join(tmpdir(), 'ecosystem.config.ts'), typescript: { backends }, env: {}, cwd: tmpdir() });
  return declareLifeguard(config, 'logs', {}, machine).node_args ?? [];
}

test('few backends: little memory; many: little of the processor', () => {
  assert.deepEqual(
    [1, 10, 11, 99, 100].map((count) => [count, flagsFor(count).includes('--no-opt'), flagsFor(count)[0]]),
    [
      [1, true, '--max-semi-space-size=2'],
      [10, true, '--max-semi-space-size=2'],
      [11, false, '--max-semi-space-size=2'],
      [99, false, '--max-semi-space-size=2'],
      [100, false, '--max-semi-space-size=8'],
    ],
  );
});

test('this Node takes every flag', () => {
  for (const count of [1, 100]) {
    const { status, stderr } = spawnSync(process.execPath, [...flagsFor(count), '-e', ''], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
});
