import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rotatedFilesOf } from '../../../src/logs/on-disk/directory.ts';
import { Listing } from '../../../src/logs/on-disk/listing.ts';

const STAMP = '2026-11-24T00-00-00Z';

function directoryWith(names: readonly string[], look: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-listing-'));
  try {
    for (const name of names) writeFileSync(join(directory, name), 'x\n');
    look(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a listing tells the names that can belong to one live file, hidden ones too', () => {
  const own = [`api-${STAMP}.log`, `api-${STAMP}_002.log.gz`, `.api-${STAMP}.log.gz.partial`, `.api-${STAMP}.log.copy`];
  const others = ['api.log', 'api-1.log', `api-1-${STAMP}.log`, `.web-${STAMP}.log.join`, 'api-2026.log'];
  directoryWith([...own, ...others], (directory) => {
    const listing = Listing.read(directory);
    assert.deepEqual([...listing.of('/elsewhere/api.log')].sort(), [...own].sort());
    assert.deepEqual(listing.of('web.log'), [`.web-${STAMP}.log.join`]);
    assert.deepEqual([...listing.names].sort(), [...own, ...others].sort());
  });
});

test('a live file may have a time stamp or a dot in front of its own name', () => {
  const live = [`dump-${STAMP}.log`, '.hidden.log'];
  const rotated = [`dump-${STAMP}-2026-12-01T00-00-00Z.log`, `.hidden-${STAMP}.log`];
  directoryWith([...live, ...rotated], (directory) => {
    for (const [i, name] of live.entries()) {
      const found = rotatedFilesOf(join(directory, name)).map(({ path }) => path);
      assert.deepEqual(found, [join(directory, rotated[i] ?? '')]);
    }
  });
});

test('a directory that cannot be read is empty', () => {
  assert.equal(Listing.read('/nowhere/at/all').names.size, 0);
});
